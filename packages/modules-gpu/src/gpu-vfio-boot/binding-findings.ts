import { type Finding, type Host, type PciDevice, parsePciAddress } from '@janus/core'
import type { Survey } from '../gpu-vfio/survey.js'
import { oneLine } from '../one-line.js'
import { type BootBinding, identityOf } from './boot-binding.js'
import { EARLY_REPORT, OFF_SWITCH } from './early-script.js'
import type { InstalledBindings } from './installed-bindings.js'
import { latenessOf } from './lateness-of.js'
import { readCurrentBoot } from './udev-files.js'

/** What can be said of each device that a file on the host names: is it still that device, and did it come up bound. */
export async function bindingFindings(
  survey: Survey,
  installed: readonly InstalledBindings[],
): Promise<readonly Finding[]> {
  const report = (await survey.host.readText(EARLY_REPORT)).value ?? ''
  const boot = await readCurrentBoot(survey.host)
  const findings: Finding[] = []
  for (const file of installed) {
    for (const binding of file.bindings) {
      const said = lastLine(report, binding.address)
      const isMet = file.boot === undefined || boot === undefined ? said !== undefined : file.boot !== boot
      findings.push(await judge(survey, file, binding, { said, isMet }))
    }
  }
  return findings
}

/** What is known of this boot and a device. */
interface BootReport {
  /** What the script or the rules said last. */
  readonly said: string | undefined
  /** False while it is certain that the boot is still to come that is to bind it. */
  readonly isMet: boolean
}

async function judge(
  { host, byAddress }: Survey,
  installed: InstalledBindings,
  binding: BootBinding,
  report: BootReport,
): Promise<Finding> {
  const { path } = installed
  const id = `boot-${binding.address.replaceAll(/[:.]/g, '-')}`
  const evidence = [
    { path, value: `${binding.identity} at ${binding.location}` },
    ...(report.said === undefined ? [] : [{ path: EARLY_REPORT, value: report.said }]),
  ]
  const device = findDevice(byAddress, binding.address)
  if (device === undefined) {
    const summary = `${path} binds ${binding.address} at boot, where there is no device now`
    return { id, status: 'critical', summary, evidence, remedy: 'Roll back, or name the device by its new address.' }
  }
  const drift = await identityDrift(host, device, binding)
  if (drift !== undefined) {
    const summary = `another device sits at ${binding.address}: ${drift}; the boot left it alone`
    const remedy =
      'Look up the address of the device again with `janus bind --list`, roll back, and apply for the new address.'
    return { id, status: 'critical', summary, evidence, remedy }
  }
  const shown = { path: `${device.path}/driver`, ...(device.driver === undefined ? {} : { value: device.driver }) }
  return { id, ...judgeDriver(device, installed, binding, report), evidence: [...evidence, shown] }
}

function findDevice(byAddress: Survey['byAddress'], text: string): PciDevice | undefined {
  const { address } = parsePciAddress(text)
  return address === undefined ? undefined : byAddress.get(address)
}

function judgeDriver(
  device: PciDevice,
  { tool }: InstalledBindings,
  binding: BootBinding,
  { said, isMet }: BootReport,
): Pick<Finding, 'status' | 'summary' | 'remedy'> {
  const { address, driver } = binding
  const by = tool === undefined ? 'by udev' : 'in the initramfs'
  const isOurs = said?.startsWith('bound') === true
  if (device.driver === driver) {
    return {
      status: 'ok',
      summary: isOurs ? `${address} was bound to ${driver} ${by}` : `${address} is bound to ${driver}`,
    }
  }
  if (!isMet) {
    const summary = `${address} will be bound to ${driver} by the next boot; now it is ${onDriver(device)}`
    return { status: 'ok', summary }
  }
  if (said?.startsWith('off:') === true) {
    const summary = `the boot was told to leave ${address} to the host (${OFF_SWITCH}); it is ${onDriver(device)}`
    const remedy = `Boot without ${OFF_SWITCH} on the kernel command line, or roll back.`
    return { status: 'warn', summary, remedy }
  }
  if (isOurs) {
    const summary = `${address} was bound to ${driver} ${by}, and is ${onDriver(device)} now`
    return { status: 'warn', summary, remedy: 'Bind it again with `janus bind`, or wait for the next boot to do so.' }
  }
  // A rollback may have put older rules back in this boot: they name an earlier one, and are still to be met.
  if (said === undefined) {
    const summary = `${address} is ${onDriver(device)}: the next boot binds it to ${driver}, or no udev takes the rule`
    const remedy =
      'If a boot has passed since the file was written, look whether udev runs on this host (`udevadm control --ping`) and takes it.'
    return { status: 'warn', summary, remedy }
  }
  const summary = `the boot was to bind ${address} to ${driver}, and it is ${onDriver(device)}: ${said}`
  return { status: 'critical', summary, remedy: remedyOf(said, tool, latenessOf(device, binding)) }
}

function remedyOf(said: string, tool: InstalledBindings['tool'], lateness: string | undefined): string {
  if (said.startsWith('unbound'))
    return 'See with `janus check gpu-iommu` whether an IOMMU is in effect, and in the kernel log why.'
  if (tool !== undefined) return 'Read the kernel log for janus-vfio-boot.'
  if (lateness !== undefined)
    return `It is ${lateness}, and no script of an initramfs meets it. Bind it with \`janus bind\` once the host runs, or have the driver of the host loaded later.`
  return 'Use the option `method: "initramfs"`, which comes before the drivers, or have the driver loaded later.'
}

/** In which way a device is not the one that was bound; undefined when it is. */
export async function identityDrift(host: Host, device: PciDevice, binding: BootBinding): Promise<string | undefined> {
  const found = identityOf(device)
  if (found !== binding.identity) return `${found} instead of ${binding.identity}`
  const location = (await host.readLink(device.path)).value?.replace('/sys/devices/', '') ?? 'an unknown place'
  return location === binding.location ? undefined : `the same model at ${location} instead of ${binding.location}`
}

function onDriver({ driver }: PciDevice): string {
  return driver === undefined ? 'without a driver' : `on ${driver}`
}

/** What the early script said about a device last. */
function lastLine(report: string, address: string): string | undefined {
  const line = report.split('\n').findLast((text) => text.startsWith(`${address} `))
  return line === undefined ? undefined : oneLine(line.slice(address.length + 1))
}
