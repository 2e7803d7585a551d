import type { Finding, PciDevice } from '@janus/core'
import { addressInId, deviceWords } from '../../device-words.js'
import { isVfioDriver } from '../../driver-names.js'
import { findRefusals } from '../find-refusals.js'
import { gpuVfioOptions } from '../options.js'
import { type Refusal, remedyWords } from '../refusal.js'
import type { Survey } from '../survey.js'
import { selectTargets } from '../targets.js'

const PCI_DEVICES = '/sys/bus/pci/devices'

/** What a check says that was not told a target: which devices are bound, and whether each display could be. */
export async function overviewFindings(survey: Survey): Promise<readonly Finding[]> {
  if (survey.devices.length === 0) return [noDevices(survey)]
  const findings: Finding[] = [boundDevices(survey)]
  for (const display of survey.devices.filter(({ isDisplay }) => isDisplay))
    findings.push(await judgeDisplay(survey, display))
  return findings
}

function noDevices({ host }: Survey): Finding {
  const summary = host.kind === 'live' ? 'this machine has no PCI devices' : 'the captured host shows no PCI devices'
  return { id: 'pci-devices', status: 'skipped', summary, evidence: [{ path: PCI_DEVICES }] }
}

function boundDevices({ host, devices }: Survey): Finding {
  if (host.kind !== 'live' && devices.every(({ driver }) => driver === undefined)) {
    return { id: 'bound-devices', status: 'skipped', summary: 'the captured host does not show drivers' }
  }
  const bound = devices.filter(({ driver }) => driver !== undefined && isVfioDriver(driver))
  const summary =
    bound.length === 0
      ? 'no device is on a VFIO driver'
      : `on a VFIO driver: ${bound.map(({ address, driver }) => `${address} (${driver})`).join(', ')}`
  return {
    id: 'bound-devices',
    status: 'ok',
    summary,
    evidence: bound.map(({ path, driver }) => ({
      path: `${path}/driver`,
      ...(driver === undefined ? {} : { value: driver }),
    })),
  }
}

async function judgeDisplay(survey: Survey, display: PciDevice): Promise<Finding> {
  const id = `display-${addressInId(display)}`
  if (survey.iommu.effect === 'unknown') {
    const summary = `${deviceWords(display)}: the captured host does not show whether an IOMMU would isolate it`
    return { id, status: 'skipped', summary, evidence: survey.iommu.evidence }
  }
  const selection = await selectTargets(survey, gpuVfioOptions.parse({ devices: [display.address] }))
  const [target] = selection.targets
  const refusals = await findRefusals(survey, selection, false)
  const driver =
    target?.vfio.variant === true ? `${target.vfio.driver}, a variant driver made for it` : target?.vfio.driver
  if (refusals.length > 0) return notBindable(id, display, refusals)
  const evidence = [
    { path: `${display.path}/iommu_group`, ...(display.iommuGroup === undefined ? {} : { value: display.iommuGroup }) },
  ]
  if (target?.isBound === true) {
    return { id, status: 'ok', summary: `${deviceWords(display)} is on ${display.driver} already`, evidence }
  }
  return { id, status: 'ok', summary: `${deviceWords(display)} can be bound to ${driver}`, evidence }
}

function notBindable(id: string, display: PciDevice, refusals: readonly Refusal[]): Finding {
  const [first] = refusals
  return {
    id,
    status: 'warn',
    summary: `${deviceWords(display)} cannot be bound as things are: ${refusals.map(({ reason }) => reason).join(', ')}`,
    detail: refusals.map(({ summary }) => summary).join('\n'),
    evidence: refusals.flatMap(({ evidence }) => evidence),
    ...(first === undefined ? {} : { remedy: [...new Set(refusals.map(remedyWords))].join(' ') }),
  }
}
