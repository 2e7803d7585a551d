import { type Host, janusError, type PciDevice } from '@janus/core'
import { type InitramfsTool, readInitramfsTool } from '@janus/core/boot'
import type { Survey } from '../gpu-vfio/survey.js'
import type { Target } from '../gpu-vfio/targets.js'
import { type BootBinding, bootBindingOf } from './boot-binding.js'
import { type BootFile, bootFiles } from './boot-files.js'
import { latenessOf } from './lateness-of.js'
import type { GpuVfioBootOptions } from './options.js'
import { requireDropIns } from './require-drop-ins.js'
import { BOOT_ID, bootOfRules, readCurrentBoot, UDEV_RULES, udevFiles } from './udev-files.js'

/** What one method does, for the devices that it meets. */
export interface MethodPlan {
  readonly method: 'initramfs' | 'udev'
  readonly bindings: readonly BootBinding[]
  /** The first names the devices. */
  readonly files: readonly BootFile[]
}

/** How the bindings of these targets are made on this host: all that a plan and a check compare. */
export interface BootPlan {
  /** Each with devices of its own. */
  readonly methods: readonly MethodPlan[]
  /** What builds the initramfs; absent where no device is bound in it. */
  readonly tool: InitramfsTool | undefined
  /** Name in the image to the bytes that must be there. */
  readonly members: ReadonlyMap<string, string>
}

/**
 * Decides how the targets are bound at boot. Those that only the real root has are left to the rules of udev.
 * @throws JANUS_HOST_UNFIT when the asked method cannot work here; JANUS_HOST_UNREADABLE when a device does not identify itself
 */
export async function planBoot(
  survey: Survey,
  targets: readonly Target[],
  options: GpuVfioBootOptions,
): Promise<BootPlan> {
  const { host } = survey
  const early: BootBinding[] = []
  const late: BootBinding[] = []
  for (const { device, vfio } of targets) {
    const binding = bootBindingOf(device, (await host.readLink(device.path)).value, vfio)
    const lateness = options.method === 'udev' ? undefined : latenessOf(device, binding)
    if (lateness !== undefined && options.method === 'initramfs') throw tooLate(device, lateness)
    const bindings = lateness === undefined ? early : late
    bindings.push(binding)
  }
  const isEarlyWanted = options.method !== 'udev' && early.length > 0
  const tool = isEarlyWanted ? await readInitramfsTool(host, options.tool) : undefined
  if (tool === undefined) {
    if (options.method === 'initramfs') throw noTool(host)
    return { methods: [await udevPlan(host, [...early, ...late])], tool, members: new Map() }
  }
  if (tool.name === 'mkinitcpio') await requireDropIns(host, options.allKernels ? tool.all : tool.running)
  const plan = initramfsPlan(tool, early)
  return late.length === 0 ? plan : { ...plan, methods: [...plan.methods, await udevPlan(host, late)] }
}

/** What a tool has to find, and its images to hold, for these bindings. */
export function initramfsPlan(tool: InitramfsTool, bindings: readonly BootBinding[]): BootPlan {
  const { files, members } = bootFiles(tool.name, bindings)
  const bytes = new Map(files.map(({ path, text }) => [path, text]))
  return {
    methods: [{ method: 'initramfs', bindings, files }],
    tool,
    members: new Map(Object.entries(members).map(([name, path]) => [name, bytes.get(path) ?? ''])),
  }
}

/**
 * Rules that would be the same but for the boot that wrote them stay as they are: it is how a check knows whether another boot
 * can have met them. New ones are only true in the boot that they name, so a plan of an earlier one is stale.
 */
async function udevPlan(host: Host, bindings: readonly BootBinding[]): Promise<MethodPlan> {
  const present = (await host.readText(UDEV_RULES)).value ?? ''
  const kept = udevFiles(bindings, bootOfRules(present))
  if (kept.every(({ text }) => text === present)) return { method: 'udev', bindings, files: kept }
  const boot = await readCurrentBoot(host)
  const files = udevFiles(bindings, boot)
  if (boot === undefined) return { method: 'udev', bindings, files }
  const expect = [{ kind: 'equals', path: BOOT_ID, value: boot }] as const
  return { method: 'udev', bindings, files: files.map((file) => ({ ...file, expect })) }
}

function tooLate({ address }: PciDevice, lateness: string): Error {
  const message = `${address} is ${lateness}: the script of an initramfs runs before any driver and does not meet it`
  const remedy = 'Leave the option `method` out, and udev binds it when it is there, or use `method: "udev"`.'
  return janusError('JANUS_HOST_UNFIT', message, { remedy, data: { device: address } })
}

function noTool(host: Host): Error {
  const message = `${host.description} has no program that builds an initramfs and that Janus knows (initramfs-tools, dracut, mkinitcpio)`
  return janusError('JANUS_HOST_UNFIT', message, { remedy: 'Use the option `method: "udev"`.' })
}
