import type { BootBinding } from './boot-binding.js'
import type { BootFile } from './boot-files.js'
import { OFF_SWITCH } from './early-script.js'

/** The file of the udev method that names the devices; before 80-drivers.rules, which loads drivers. */
export const UDEV_RULES = '/etc/udev/rules.d/05-janus-vfio.rules'

const [SWITCH = '', OFF] = OFF_SWITCH.split('=')
const HEADER = `# Written by Janus (gpu-vfio-boot). Undo with: janus rollback.
# A boot with ${OFF_SWITCH} on the kernel command line leaves the devices to the host.
SUBSYSTEM=="pci", IMPORT{cmdline}="${SWITCH}"
`

/** The file of the udev method: one rule for each device. */
export function udevFiles(bindings: readonly BootBinding[]): readonly BootFile[] {
  return [
    {
      path: UDEV_RULES,
      text: `${HEADER}${bindings.map(rule).join('')}`,
      mode: 0o644,
      why: 'bind the devices to VFIO when udev meets them, if they are the ones they were',
    },
  ]
}

/**
 * A rule (udev(7)) that does all of it in its own order: matches come first, then the import that loads the driver, then the
 * override, then what is run. The override alone binds nothing, and a driver that is there before it is not asked again,
 * hence the `bind`. When that fails the override goes, and 80-drivers.rules finds the host's driver.
 */
function rule({ address, location, identity, driver, module }: BootBinding): string {
  const [vendor, device, subsystemVendor, subsystemDevice, pciClass] = identity.split(':')
  const bind = `echo %k >/sys/bus/pci/drivers/${driver}/bind`
  const release = `{ echo >/sys%p/driver_override; echo %k >/sys/bus/pci/drivers_probe; }`
  const words = [
    'ACTION=="add"',
    'SUBSYSTEM=="pci"',
    `KERNEL=="${address}"`,
    `DEVPATH=="/devices/${location}"`,
    `ATTR{vendor}=="0x${vendor}"`,
    `ATTR{device}=="0x${device}"`,
    `ATTR{subsystem_vendor}=="0x${subsystemVendor}"`,
    `ATTR{subsystem_device}=="0x${subsystemDevice}"`,
    `ATTR{class}=="0x${pciClass}"`,
    `ENV{${SWITCH}}!="${OFF}"`,
    'TEST!="driver"',
    `IMPORT{builtin}="kmod load ${module}"`,
    `ATTR{driver_override}="${driver}"`,
    `RUN+="/bin/sh -c '${bind}; test -e /sys%p/driver || ${release}'"`,
  ]
  return `${words.join(', ')}\n`
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
      module: /"kmod load (\w+)"/.exec(line)?.[1] ?? '',
    })
  }
  return bindings
}
