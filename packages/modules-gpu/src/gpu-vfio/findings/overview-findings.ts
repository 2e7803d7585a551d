import { type Finding, isVfioDriver, type PciDevice } from '@janus/core'
import { boundedEvidence, boundedLines } from '../../bounded.js'
import { addressInId, deviceWords } from '../../device-words.js'
import { listWords } from '../../list-words.js'
import { findRefusals } from '../find-refusals.js'
import { type Refusal, remedyWords } from '../refusal.js'
import type { Survey } from '../survey.js'
import { type Selection, selectEach, type Target } from '../targets.js'

const PCI_DEVICES = '/sys/bus/pci/devices'
const MOST_REMEDIES = 10

/** What a check says that was not told a target: which devices are bound, and whether each display could be. */
export async function overviewFindings(survey: Survey): Promise<readonly Finding[]> {
  if (survey.devices.length === 0) return [noDevices(survey)]
  const displays = survey.devices.filter(({ isDisplay }) => isDisplay)
  const selections = survey.iommu.effect === 'unknown' ? [] : await selectEach(survey, displays)
  const findings: Finding[] = [boundDevices(survey)]
  if (survey.iommu.effect === 'unknown') findings.push(...displays.map((display) => notShown(survey, display)))
  for (const selection of selections) findings.push(...(await judgeDisplay(survey, selection)))
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
      : `on a VFIO driver: ${listWords(bound.map(({ address, driver }) => `${address} (${driver})`))}`
  return {
    id: 'bound-devices',
    status: 'ok',
    summary,
    evidence: boundedEvidence(
      bound.map(({ path, driver }) => ({
        path: `${path}/driver`,
        ...(driver === undefined ? {} : { value: driver }),
      })),
    ),
  }
}

function notShown({ iommu }: Survey, display: PciDevice): Finding {
  const summary = `${deviceWords(display)}: the captured host does not show whether an IOMMU would isolate it`
  return { id: `display-${addressInId(display)}`, status: 'skipped', summary, evidence: iommu.evidence }
}

async function judgeDisplay(survey: Survey, selection: Selection): Promise<readonly Finding[]> {
  const refusals = await findRefusals(survey, selection, false)
  return selection.targets.map((target) => {
    const id = `display-${addressInId(target.device)}`
    return refusals.length > 0 ? notBindable(id, target.device, refusals) : bindable(id, target)
  })
}

function bindable(id: string, { device, vfio, isBound }: Target): Finding {
  const { path, driver, iommuGroup } = device
  const evidence = [{ path: `${path}/iommu_group`, ...(iommuGroup === undefined ? {} : { value: iommuGroup }) }]
  const words = vfio.variant ? `${vfio.driver}, a variant driver made for it` : vfio.driver
  const summary = isBound
    ? `${deviceWords(device)} is on ${driver} already`
    : `${deviceWords(device)} can be bound to ${words}`
  return { id, status: 'ok', summary, evidence }
}

function notBindable(id: string, display: PciDevice, refusals: readonly Refusal[]): Finding {
  return {
    id,
    status: 'warn',
    summary: `${deviceWords(display)} cannot be bound as things are: ${listWords([...new Set(refusals.map(({ reason }) => reason))])}`,
    detail: boundedLines(refusals.map(({ summary }) => summary)),
    evidence: boundedEvidence(refusals.flatMap(({ evidence }) => evidence)),
    remedy: [...new Set(refusals.map(remedyWords))].slice(0, MOST_REMEDIES).join(' '),
  }
}
