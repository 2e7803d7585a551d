import { deviceWords } from '../../device-words.js'
import { listWords } from '../../list-words.js'
import { insistence } from '../insistence.js'
import type { Refusal } from '../refusal.js'
import type { Survey } from '../survey.js'
import type { Selection, Target } from '../targets.js'

/**
 * Refuses a physical function whose virtual functions are on: vfio-pci answers EBUSY, and by then the host driver is
 * gone. Refuses a virtual function whose physical function is bound in the same plan: it ceases to exist with it.
 */
export function refuseVirtualFunctions(survey: Survey, { options, targets }: Selection): readonly Refusal[] {
  return targets.flatMap((target) => [
    ...(options.disableVirtualFunctions ? [] : refuseEnabled(survey, target)),
    ...refuseOrphan(target, targets),
  ])
}

/** One that is on VFIO already is left as it is: vfio-pci has virtual functions too (its `sriov_configure`). */
function refuseEnabled(survey: Survey, { device, isBound }: Target): readonly Refusal[] {
  const enabled = device.virtualFunctions?.enabled ?? 0
  if (isBound || enabled === 0) return []
  const functions = survey.devices.filter(({ physicalFunction }) => physicalFunction === device.address)
  const names = functions.map(({ address, driver }) => `${address}${driver === undefined ? '' : ` on ${driver}`}`)
  return [
    {
      reason: 'virtual-functions',
      device: device.address,
      summary: `${deviceWords(device)} has ${enabled} SR-IOV virtual functions enabled${names.length === 0 ? '' : `: ${listWords(names)}`}`,
      evidence: [{ path: `${device.path}/sriov_numvfs`, value: String(enabled) }],
      ...insistence('disableVirtualFunctions', true),
      remedy: 'Bind a virtual function instead, or turn them off first.',
    },
  ]
}

function refuseOrphan({ device }: Target, targets: readonly Target[]): readonly Refusal[] {
  const physical = targets.find((other) => other.device.address === device.physicalFunction && !other.isBound)
  if (physical === undefined) return []
  return [
    {
      reason: 'physical-function-in-plan',
      device: device.address,
      summary: `${deviceWords(device)} is a virtual function of ${physical.device.address}, which is to be bound too: it would cease to exist`,
      evidence: [{ path: `${device.path}/physfn`, value: physical.device.address }],
      remedy: 'Bind either the physical function or its virtual functions.',
    },
  ]
}
