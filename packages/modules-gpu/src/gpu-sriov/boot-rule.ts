import type { Host, PciDevice } from '@janus/core'

const FOLDER = '/etc/udev/rules.d'

/** The udev rule of a physical function, as it would be and as it is. */
export interface BootRule {
  readonly folder: string
  readonly hasFolder: boolean
  readonly path: string
  /** What lies there now; undefined when nothing does. */
  readonly present: string | undefined
}

/** Reads the rule that sets the number of virtual functions at boot. */
export async function readBootRule(host: Host, device: PciDevice): Promise<BootRule> {
  const path = `${FOLDER}/82-janus-sriov-${device.address.replaceAll(/[:.]/g, '-')}.rules`
  return {
    folder: FOLDER,
    hasFolder: await host.exists(FOLDER),
    path,
    present: (await host.readText(path)).value,
  }
}

/**
 * The text of the rule (udev(7)). It waits for the driver, which alone can create the functions: its `bind` event, or the
 * `add` that udev repeats at boot for what the initramfs bound before. It compares the ids, so that another card that
 * took the address is left alone, and acts only where no function is on yet.
 */
export function bootRuleText(device: PciDevice, functions: number, driver: string, autoprobe: boolean): string {
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
    'ATTR{sriov_numvfs}!="0"',
  ]
  return [
    `# Written by Janus (gpu-sriov): ${device.address} (${device.vendor}:${device.device}) has ${functions} virtual functions after every boot.`,
    '# To undo it: janus rollback, or remove this file.',
    ...tests.map((test) => `${test}, GOTO="${end}"`),
    ...(autoprobe ? ['ATTR{sriov_drivers_autoprobe}="0"'] : []),
    `ATTR{sriov_numvfs}="${functions}"`,
    ...(autoprobe ? ['ATTR{sriov_drivers_autoprobe}="1"'] : []),
    `LABEL="${end}"`,
    '',
  ].join('\n')
}
