import type { Host } from '@janus/core'
import { outsideInitramfs } from '../outside-initramfs.js'
import type { BootBinding } from './boot-binding.js'
import type { BootFile } from './boot-files.js'
import { EARLY_REPORT, OFF_SWITCH } from './early-script.js'

/** The file of the udev method that names the devices; before 80-drivers.rules, which loads drivers. */
export const UDEV_RULES = '/etc/udev/rules.d/05-janus-vfio.rules'

/** Where the kernel shows the id of the boot that runs (random(4)). */
export const BOOT_ID = '/proc/sys/kernel/random/boot_id'

const [SWITCH = '', OFF] = OFF_SWITCH.split('=')
const END = 'janus_vfio_end'
const HEADER = `# Written by Janus (gpu-vfio-boot). Undo with: janus rollback.
# A boot with ${OFF_SWITCH} on the kernel command line leaves the devices to the host.
`
const BOOT_ID_FORM = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const BOOT_LINE = '# Written in boot '

/** The id of the boot that runs; undefined where the host does not show one. */
export async function readCurrentBoot(host: Host): Promise<string | undefined> {
  const id = (await host.readText(BOOT_ID)).value?.trim()
  return id !== undefined && BOOT_ID_FORM.test(id) ? id : undefined
}

/**
 * The file of the udev method: three rules for each device, which only the udev of the real root carries out.
 * @param boot id of the boot in which it is written: as long as it runs, udev is still to meet the rules as it does at boot
 */
export function udevFiles(bindings: readonly BootBinding[], boot: string | undefined): readonly BootFile[] {
  const written = boot === undefined ? '' : `${BOOT_LINE}${boot}\n`
  const first = [outsideInitramfs(END), `SUBSYSTEM=="pci", IMPORT{cmdline}="${SWITCH}"`].join('\n')
  const rules = bindings.flatMap(rulesOf).join('')
  return [
    {
      path: UDEV_RULES,
      text: `${HEADER}${written}${first}\n${rules}LABEL="${END}"\n`,
      mode: 0o644,
      why: 'bind the devices to VFIO when udev meets them, if they are the ones they were',
    },
  ]
}

/**
 * Rules (udev(7)) for one device, of which the first that fits is the last: for a boot that is to bind nothing, for the binding,
 * and for a device that has a driver. The binding does all in its own order: matches come first, then the import that loads
 * the driver, then the override, then what is run. The override alone binds nothing, and a driver that is there before it is not
 * asked again, hence the `bind`. When that fails the override goes, and 80-drivers.rules finds the host's driver. What came
 * of it is reported last and by itself, so that a report that cannot be written keeps nothing from being done.
 */
function rulesOf({ address, location, identity, driver, module }: BootBinding): readonly string[] {
  const [vendor, device, subsystemVendor, subsystemDevice, pciClass] = identity.split(':')
  const isKnown = [
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
  const directory = `/sys/bus/pci/drivers/${driver}`
  const release = `{ echo >/sys%p/driver_override; echo %k >/sys/bus/pci/drivers_probe; }`
  const unbound = `unbound: ${driver} did not take it, left to the driver of the host`
  return [
    [`ENV{${SWITCH}}=="${OFF}"`, run(report(`off: ${OFF_SWITCH} is on the kernel command line`))],
    [
      'TEST!="driver"',
      `IMPORT{builtin}="kmod load ${module}"`,
      `ATTR{driver_override}="${driver}"`,
      run(`echo %k >${directory}/bind; test -e /sys%p/driver || ${release}`),
      run(`if test -e ${directory}/%k; then ${report(`bound to ${driver}`)}; else ${report(unbound)}; fi`),
    ],
    [`DRIVER!="${driver}"`, run(report('taken: a driver of the host had it before udev met it'))],
  ].map((words) => `${[...isKnown, ...words, `GOTO="${END}"`].join(', ')}\n`)
}

/** One command of a rule. What is in it has closed alphabets, and udev fills in an address and a path of sysfs. */
function run(command: string): string {
  return `RUN+="/bin/sh -c '${command}'"`
}

/** Words without any meaning to a shell, in which nothing is quoted: the value of RUN is, and so is what the shell gets. */
function report(words: string): string {
  return `echo %k ${words} >>${EARLY_REPORT}`
}

/** The boot in which a file of rules was written, as it says. */
export function bootOfRules(text: string): string | undefined {
  const line = text.split('\n').find((one) => one.startsWith(BOOT_LINE)) ?? ''
  const id = line.slice(BOOT_LINE.length)
  return BOOT_ID_FORM.test(id) ? id : undefined
}

/** The devices that a file of rules aims at VFIO, read back from it. */
export function bindingsOfRules(text: string): readonly BootBinding[] {
  const bindings: BootBinding[] = []
  for (const line of text.split('\n')) {
    const value = (name: string): string =>
      new RegExp(`${name.replaceAll(/[{}]/g, '\\$&')}={1,2}"(?:0x)?([^"]*)"`).exec(line)?.[1] ?? ''
    if (!line.startsWith('ACTION=="add"') || !line.includes('ATTR{driver_override}=')) continue
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
