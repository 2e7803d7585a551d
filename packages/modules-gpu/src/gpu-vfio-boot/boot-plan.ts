import { type Host, janusError } from '@janus/core'
import { type InitramfsTool, readInitramfsTool } from '@janus/core/boot'
import type { Survey } from '../gpu-vfio/survey.js'
import type { Target } from '../gpu-vfio/targets.js'
import { type BootBinding, bootBindingOf } from './boot-binding.js'
import { type BootFile, bootFiles } from './boot-files.js'
import type { GpuVfioBootOptions } from './options.js'
import { udevFiles } from './udev-files.js'

/** How the bindings of these targets are made on this host: all that a plan and a check compare. */
export interface BootPlan {
  readonly method: 'initramfs' | 'udev'
  readonly tool: InitramfsTool | undefined
  readonly bindings: readonly BootBinding[]
  readonly files: readonly BootFile[]
  /** Name in the image to the bytes that must be there. */
  readonly members: ReadonlyMap<string, string>
}

/**
 * Decides how the targets are bound at boot.
 * @throws JANUS_HOST_UNFIT when the asked method cannot work here; JANUS_HOST_UNREADABLE when a device does not identify itself
 */
export async function planBoot(
  survey: Survey,
  targets: readonly Target[],
  options: GpuVfioBootOptions,
): Promise<BootPlan> {
  const { host } = survey
  const bindings: BootBinding[] = []
  for (const { device, vfio } of targets) {
    bindings.push(bootBindingOf(device, (await host.readLink(device.path)).value, vfio))
  }
  const tool = options.method === 'udev' ? undefined : await readInitramfsTool(host, options.tool)
  if (tool === undefined) {
    if (options.method === 'initramfs') throw noTool(host)
    const files = udevFiles(bindings)
    return { method: 'udev', tool, bindings, files, members: new Map() }
  }
  if (tool.name === 'mkinitcpio') await requireEarlyHooks(host)
  return initramfsPlan(tool, bindings)
}

/** What a tool has to find, and its images to hold, for these bindings. */
export function initramfsPlan(tool: InitramfsTool, bindings: readonly BootBinding[]): BootPlan {
  const { files, members } = bootFiles(tool.name, bindings)
  const bytes = new Map(files.map(({ path, text }) => [path, text]))
  return {
    method: 'initramfs',
    tool,
    bindings,
    files,
    members: new Map(Object.entries(members).map(([name, path]) => [name, bytes.get(path) ?? ''])),
  }
}

/** Where systemd is the init of the initramfs, hooks do not run. */
async function requireEarlyHooks(host: Host): Promise<void> {
  const path = '/etc/mkinitcpio.conf'
  const text = (await host.readText(path)).value ?? ''
  const hooks = /^\s*HOOKS=\(([^)]*)\)/m.exec(text)?.[1] ?? ''
  if (!/(^|\s)systemd(\s|$)/.test(hooks)) return
  const message = `${path} makes systemd the init of the initramfs, which runs no hooks`
  const remedy = 'Use the hooks base and udev instead of systemd, or the option `method: "udev"`.'
  throw janusError('JANUS_HOST_UNFIT', message, { remedy, data: { path, value: hooks } })
}

function noTool(host: Host): Error {
  const message = `${host.description} has no program that builds an initramfs and that Janus knows (initramfs-tools, dracut, mkinitcpio)`
  throw janusError('JANUS_HOST_UNFIT', message, { remedy: 'Use the option `method: "udev"`.' })
}
