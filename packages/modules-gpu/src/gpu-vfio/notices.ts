import { type Evidence, keepsGroupViable, type PciAddress, type PciDevice } from '@janus/core'
import { addressInId, deviceWords, memberWords } from '../device-words.js'
import { listWords } from '../list-words.js'
import { slotOf } from '../slot-of.js'
import { NO_OVERRIDE } from './driver-override.js'
import type { Survey } from './survey.js'
import type { Selection, Target } from './targets.js'

/** Something about a target that does not stop the binding but is worth knowing before it. */
export interface Notice {
  readonly id: string
  readonly device: PciAddress
  readonly summary: string
  readonly evidence: readonly Evidence[]
  readonly remedy: string
}

/** What is worth knowing about the targets: resets that others feel, functions that stay behind or depend on them, overrides of others. */
export async function readNotices(survey: Survey, { targets }: Selection): Promise<readonly Notice[]> {
  const chosen = new Set(targets.map(({ device }) => device.address))
  const notices: Notice[] = []
  for (const target of targets) {
    notices.push(...(await resetNotice(survey, target, chosen)))
    notices.push(...otherFunctions(survey, target, chosen), ...virtualFunctions(target), ...foreignOverride(target))
  }
  return notices
}

async function resetNotice(
  { host, devices }: Survey,
  { device }: Target,
  chosen: ReadonlySet<PciAddress>,
): Promise<readonly Notice[]> {
  const path = `${device.path}/reset_method`
  const methods = (await host.readText(path)).value?.trim()
  const id = `reset-${addressInId(device)}`
  if (methods === undefined || methods === '') {
    if (host.kind !== 'live' || (await host.exists(`${device.path}/reset`))) return []
    const summary = `${deviceWords(device)} cannot be reset on its own: a guest may not be able to start it a second time`
    return [
      {
        id,
        device: device.address,
        summary,
        evidence: [{ path }],
        remedy: 'Try a second start of the guest before relying on it.',
      },
    ]
  }
  if (methods !== 'bus') return []
  const neighbours = devices.filter(
    (other) => !chosen.has(other.address) && busOf(other) === busOf(device) && !keepsGroupViable(other.driver),
  )
  if (neighbours.length === 0) return []
  const summary = `${deviceWords(device)} can only be reset with its whole bus, which the host also uses through ${listWords(neighbours.map(memberWords))}`
  return [
    {
      id,
      device: device.address,
      summary,
      evidence: [{ path, value: methods }],
      remedy: 'Give the neighbours to the guest too, or expect that the device is not reset.',
    },
  ]
}

function otherFunctions({ devices }: Survey, { device }: Target, chosen: ReadonlySet<PciAddress>): readonly Notice[] {
  const isFirst = device.address.endsWith('.0')
  const left = devices.filter(
    (other) =>
      slotOf(other) === slotOf(device) &&
      !chosen.has(other.address) &&
      other.iommuGroup !== device.iommuGroup &&
      !keepsGroupViable(other.driver),
  )
  if (!isFirst || left.length === 0) return []
  const summary = `other functions of ${deviceWords(device)} stay with the host, in groups of their own: ${listWords(left.map(memberWords))}`
  const evidence = left.map(({ path, driver }) => ({
    path: `${path}/driver`,
    ...(driver === undefined ? {} : { value: driver }),
  }))
  return [
    {
      id: `functions-${addressInId(device)}`,
      device: device.address,
      summary,
      evidence,
      remedy: 'Name them in devices too if the guest needs them.',
    },
  ]
}

/** Of one that is still to be bound they are turned off before, or it is refused. */
function virtualFunctions({ device, isBound }: Target): readonly Notice[] {
  const enabled = device.virtualFunctions?.enabled ?? 0
  if (!isBound || enabled === 0) return []
  const functions = `${enabled} SR-IOV virtual function${enabled === 1 ? '' : 's'}`
  return [
    {
      id: `virtual-functions-${addressInId(device)}`,
      device: device.address,
      summary: `${deviceWords(device)} is on ${device.driver} with ${functions} enabled: whoever is given it decides over them, also over what the host or another guest uses`,
      evidence: [{ path: `${device.path}/sriov_numvfs`, value: String(enabled) }],
      remedy: 'Turn them off, or give it only to a guest that may decide over them.',
    },
  ]
}

function foreignOverride({ device, override, vfio }: Target): readonly Notice[] {
  if (override.value === NO_OVERRIDE || override.value === vfio.driver) return []
  const summary = `somebody aimed ${deviceWords(device)} at ${JSON.stringify(override.value)} before; undoing puts that back`
  const remedy = 'Look for a udev rule, driverctl, or a boot script that sets driver_override.'
  return [
    {
      id: `override-${addressInId(device)}`,
      device: device.address,
      summary,
      evidence: [{ path: override.path, value: override.value }],
      remedy,
    },
  ]
}

function busOf({ address }: PciDevice): string {
  return address.slice(0, address.lastIndexOf(':'))
}
