import type { Host } from '@janus/core'
import { INITRAMFS_TOOLS, type InitramfsToolName } from '@janus/core/boot'
import type { BootBinding } from './boot-binding.js'
import { SCRIPT_PATHS } from './boot-files.js'
import { bindingsOfScript } from './early-script.js'
import { bindingsOfRules, bootOfRules, UDEV_RULES } from './udev-files.js'

/** A file of ours on the host, and the devices that it names. */
export interface InstalledBindings {
  readonly path: string
  /** Absent for the udev method. */
  readonly tool?: InitramfsToolName
  readonly bindings: readonly BootBinding[]
  /** The boot in which it was written, where it says so. */
  readonly boot?: string | undefined
}

/** What earlier applies left on the host, whichever method they used. */
export async function readInstalledBindings(host: Host): Promise<readonly InstalledBindings[]> {
  const installed: InstalledBindings[] = []
  for (const tool of INITRAMFS_TOOLS) {
    const path = SCRIPT_PATHS[tool]
    const { value } = await host.readText(path)
    if (value !== undefined) installed.push({ path, tool, bindings: bindingsOfScript(value) })
  }
  const { value } = await host.readText(UDEV_RULES)
  if (value !== undefined)
    installed.push({ path: UDEV_RULES, bindings: bindingsOfRules(value), boot: bootOfRules(value) })
  return installed
}
