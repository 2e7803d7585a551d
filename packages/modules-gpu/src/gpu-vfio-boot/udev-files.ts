import type { BootBinding } from './boot-binding.js'
import type { BootFile } from './boot-files.js'

/** The file of the udev method that names the devices; before 80-drivers.rules, which loads drivers. */
export const UDEV_RULES = '/etc/udev/rules.d/05-janus-vfio.rules'

const NOTE = '# Written by Janus (gpu-vfio-boot). Undo with: janus rollback.\n'

/**
 * The files of the udev method: the override when udev meets the device, the VFIO driver loaded early, and before each
 * host driver.
 * @param hostModules kernel modules that would take the devices
 */
export function udevFiles(bindings: readonly BootBinding[], hostModules: readonly string[]): readonly BootFile[] {
  const modules = [...new Set(bindings.map(({ module }) => module))]
  const softdeps = hostModules.map((module) => `softdep ${module} pre: ${modules.join(' ')}\n`).join('')
  return [
    {
      path: UDEV_RULES,
      text: `${NOTE}${bindings.map(rule).join('')}`,
      mode: 0o644,
      why: 'aim the devices at VFIO when udev meets them, if they are the ones they were',
    },
    {
      path: '/etc/modules-load.d/janus-vfio.conf',
      text: `${NOTE}${modules.map((module) => `${module}\n`).join('')}`,
      mode: 0o644,
      why: 'load the VFIO driver at boot',
    },
    {
      path: '/etc/modprobe.d/janus-vfio.conf',
      text: `${NOTE}${softdeps}`,
      mode: 0o644,
      why: 'load the VFIO driver before a driver of the host that would take the devices',
    },
  ]
}

function rule({ address, location, identity, driver }: BootBinding): string {
  const [vendor, device, subsystemVendor, subsystemDevice, pciClass] = identity.split(':')
  const matches = [
    'ACTION=="add"',
    'SUBSYSTEM=="pci"',
    `KERNEL=="${address}"`,
    `DEVPATH=="/devices/${location}"`,
    `ATTR{vendor}=="0x${vendor}"`,
    `ATTR{device}=="0x${device}"`,
    `ATTR{subsystem_vendor}=="0x${subsystemVendor}"`,
    `ATTR{subsystem_device}=="0x${subsystemDevice}"`,
    `ATTR{class}=="0x${pciClass}"`,
  ]
  return `${[...matches, `ATTR{driver_override}="${driver}"`].join(', ')}\n`
}

/** The devices that a file of rules aims at VFIO, read back from it. */
export function bindingsOfRules(text: string): readonly BootBinding[] {
  const bindings: BootBinding[] = []
  for (const line of text.split('\n')) {
    const value = (name: string): string =>
      new RegExp(`${name.replaceAll(/[{}]/g, '\\$&')}={1,2}"(?:0x)?([^"]*)"`).exec(line)?.[1] ?? ''
    if (!line.startsWith('ACTION=="add"')) continue
    const ids = ['vendor', 'device', 'subsystem_vendor', 'subsystem_device', 'class']
    const driver = value('ATTR{driver_override}')
    bindings.push({
      address: value('KERNEL'),
      location: value('DEVPATH').replace('/devices/', ''),
      identity: ids.map((name) => value(`ATTR{${name}}`)).join(':'),
      driver,
      module: driver.replaceAll('-', '_'),
    })
  }
  return bindings
}
