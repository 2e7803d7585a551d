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

const MKINITCPIO = '/etc/mkinitcpio.conf'
const OWN_CONFIGURATION = 'janus-vfio.conf'

/** Where systemd is the init of the initramfs, hooks do not run. The files of conf.d come after the main one, by name; the last word counts. */
async function requireEarlyHooks(host: Host): Promise<void> {
  const names = ((await host.list(`${MKINITCPIO}.d`)).value ?? []).filter((name) => name.endsWith('.conf'))
  const others = names.filter((name) => name !== OWN_CONFIGURATION).sort()
  let last = { path: MKINITCPIO, value: '' }
  for (const path of [MKINITCPIO, ...others.map((name) => `${MKINITCPIO}.d/${name}`)]) {
    for (const [, sign, value = ''] of ((await host.readText(path)).value ?? '').matchAll(
      /^\s*HOOKS(\+?=)\(([^)]*)\)/gm,
    )) {
      if (sign === '+=') throw unfitHooks(`${path} adds to HOOKS, which Janus does not work out`, { path, value })
      if (comesAfterOwn(path)) {
        const problem = `${path} comes after ${OWN_CONFIGURATION} and sets HOOKS again, so that the hook of Janus would not be taken`
        throw unfitHooks(problem, { path, value })
      }
      last = { path, value }
    }
  }
  if (!/(^|\s)systemd(\s|$)/.test(last.value)) return
  throw unfitHooks(`${last.path} makes systemd the init of the initramfs, which runs no hooks`, last)
}

/** In which order a shell takes the files depends on the language: in some, capitals come among the small letters. */
function comesAfterOwn(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return path !== MKINITCPIO && (name > OWN_CONFIGURATION || name.toLowerCase() > OWN_CONFIGURATION)
}

function unfitHooks(message: string, data: { readonly path: string; readonly value: string }): Error {
  const remedy =
    'Have HOOKS set in one place with base and udev instead of systemd, or use the option `method: "udev"`.'
  return janusError('JANUS_HOST_UNFIT', message, { remedy, data })
}

function noTool(host: Host): Error {
  const message = `${host.description} has no program that builds an initramfs and that Janus knows (initramfs-tools, dracut, mkinitcpio)`
  throw janusError('JANUS_HOST_UNFIT', message, { remedy: 'Use the option `method: "udev"`.' })
}
