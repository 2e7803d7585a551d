import { type Finding, type Host, type PciDevice, parsePciAddress } from '@janus/core'
import type { Survey } from '../gpu-vfio/survey.js'
import { oneLine } from '../one-line.js'
import { type BootBinding, identityOf } from './boot-binding.js'
import { EARLY_REPORT, OFF_SWITCH } from './early-script.js'
import type { InstalledBindings } from './installed-bindings.js'

/** What can be said of each device that a file on the host names: is it still that device, and did it come up bound. */
export async function bindingFindings(
  survey: Survey,
  installed: readonly InstalledBindings[],
): Promise<readonly Finding[]> {
  const report = (await survey.host.readText(EARLY_REPORT)).value ?? ''
  const findings: Finding[] = []
  for (const { path, bindings } of installed) {
    for (const binding of bindings) {
      findings.push(await judge(survey, path, binding, lastLine(report, binding.address)))
    }
  }
  return findings
}

async function judge(
  { host, byAddress }: Survey,
  path: string,
  binding: BootBinding,
  early: string | undefined,
): Promise<Finding> {
  const id = `boot-${binding.address.replaceAll(/[:.]/g, '-')}`
  const evidence = [
    { path, value: `${binding.identity} at ${binding.location}` },
    ...(early === undefined ? [] : [{ path: EARLY_REPORT, value: early }]),
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
  return judgeDriver(id, device, binding, early, evidence)
}

function findDevice(byAddress: Survey['byAddress'], text: string): PciDevice | undefined {
  const { address } = parsePciAddress(text)
  return address === undefined ? undefined : byAddress.get(address)
}

function judgeDriver(
  id: string,
  device: PciDevice,
  { address, driver }: BootBinding,
  early: string | undefined,
  evidence: Finding['evidence'] & {},
): Finding {
  const shown = { path: `${device.path}/driver`, ...(device.driver === undefined ? {} : { value: device.driver }) }
  const all = [...evidence, shown]
  if (device.driver === driver) {
    const summary =
      early === undefined ? `${address} is bound to ${driver}` : `${address} was bound to ${driver} in the initramfs`
    return { id, status: 'ok', summary, evidence: all }
  }
  if (early === undefined) {
    const summary = `${address} will be bound to ${driver} by the next boot; now it is ${onDriver(device)}`
    return { id, status: 'ok', summary, evidence: all }
  }
  if (early.startsWith('off:')) {
    const summary = `the boot was told to leave ${address} to the host (${OFF_SWITCH}); it is ${onDriver(device)}`
    const remedy = `Boot without ${OFF_SWITCH} on the kernel command line, or roll back.`
    return { id, status: 'warn', summary, evidence: all, remedy }
  }
  const summary = `the boot was to bind ${address} to ${driver}, and it is ${onDriver(device)}: ${early}`
  return { id, status: 'critical', summary, evidence: all, remedy: 'Read the kernel log for janus-vfio-boot.' }
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
