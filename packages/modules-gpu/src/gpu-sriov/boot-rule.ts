import type { Host, PciDevice } from '@janus/core'
import { outsideInitramfs } from '../outside-initramfs.js'

// The outer one first: packages of udev make both, so a host without them is one that nobody configured.
const FOLDERS = ['/etc/udev', '/etc/udev/rules.d'] as const

/** The udev rule of a physical function, as it would be and as it is. */
export interface BootRule {
  /** Folders that must be made before the rule can be written, the outer one first. */
  readonly missingFolders: readonly string[]
  readonly path: string
  /** What lies there now; undefined when nothing does. */
  readonly present: string | undefined
}

/** Reads the rule that sets the number of virtual functions at boot. */
export async function readBootRule(host: Host, device: PciDevice): Promise<BootRule> {
  const path = `${FOLDERS[1]}/82-janus-sriov-${device.address.replaceAll(/[:.]/g, '-')}.rules`
  return {
    missingFolders: await missing(host),
    path,
    present: (await host.readText(path)).value,
  }
}

/**
 * The text of the rule (udev(7)). It waits for the driver, which alone can create the functions: its `bind` event, or the
 * `add` that udev repeats at boot for what the initramfs bound before. It compares the ids, so that another card that
 * took the address is left alone. Drivers stay away from the functions, also where the driver has made some by a parameter of
 * its own (`max_vfs` of igb); it makes none beside those. Of its own, udev loads the drivers only when the rule has long been
 * carried out. An initramfs that has the driver makes none: it may hold a rule that is older than this one.
 * @param keepsAway whether the kernel can keep drivers away
 */
export function bootRuleText(device: PciDevice, functions: number, driver: string, keepsAway: boolean): string {
  const end = `janus_sriov_${device.address.replaceAll(/[:.]/g, '_')}_end`
  const identity = [
    `ATTR{vendor}!="0x${device.vendor}"`,
    `ATTR{device}!="0x${device.device}"`,
    ...(device.subsystemVendor === undefined ? [] : [`ATTR{subsystem_vendor}!="0x${device.subsystemVendor}"`]),
    ...(device.subsystemDevice === undefined ? [] : [`ATTR{subsystem_device}!="0x${device.subsystemDevice}"`]),
  ]
  const tests = [
    'ACTION!="add|bind"',
    'SUBSYSTEM!="pci"',
    `KERNEL!="${device.address}"`,
    `DRIVER!="${driver}"`,
    ...identity,
  ]
  return [
    `# Written by Janus (gpu-sriov): ${device.address} (${device.vendor}:${device.device}) has ${functions} virtual functions after every boot.`,
    '# To undo it: janus rollback.',
    outsideInitramfs(end),
    ...tests.map((test) => `${test}, GOTO="${end}"`),
    ...(keepsAway ? ['ATTR{sriov_drivers_autoprobe}="0"'] : []),
    `ATTR{sriov_numvfs}!="0", GOTO="${end}"`,
    `ATTR{sriov_numvfs}="${functions}"`,
    `LABEL="${end}"`,
    '',
  ].join('\n')
}

/** True where the rule of a physical function, as Janus writes it for this device, keeps drivers from its functions at every boot. */
export async function keepsDriversAwayAtBoot(host: Host, device: PciDevice): Promise<boolean> {
  const { present } = await readBootRule(host, device)
  const functions = Number(/^ATTR\{sriov_numvfs\}="([1-9]\d*)"$/m.exec(present ?? '')?.[1])
  return present === bootRuleText(device, functions, device.driver ?? '', true)
}

async function missing(host: Host): Promise<readonly string[]> {
  const present = await Promise.all(FOLDERS.map((folder) => host.exists(folder)))
  return FOLDERS.filter((_, index) => !present[index])
}
