import { deviceWords } from '../device-words.js'
import type { Refusal } from '../gpu-vfio/refusal.js'
import { refuseIdentity } from '../gpu-vfio/refusals/refuse-identity.js'
import { oneLine } from '../one-line.js'
import type { GpuSriovOptions } from './options.js'
import type { PhysicalFunction } from './physical-function.js'

/** Every reason why the physical functions cannot get their number, all of them at once. */
export function findRefusals(targets: readonly PhysicalFunction[], options: GpuSriovOptions): readonly Refusal[] {
  return targets.flatMap((target) => {
    const isChanged = target.enabled !== options.functions
    const isForBoot = options.persistent && options.functions > 0
    return [
      ...refuseIdentity(target.device, options.identities[target.device.address]),
      ...refuseNumber(target, options.functions),
      ...(isChanged || isForBoot ? refuseDriver(target) : []),
      ...(isChanged ? refuseUses(target) : []),
      ...(isForBoot ? refuseRule(target) : []),
    ]
  })
}

function refuseNumber({ device, total }: PhysicalFunction, functions: number): readonly Refusal[] {
  const path = `${device.path}/sriov_totalvfs`
  if (total === undefined) {
    const summary = `${deviceWords(device)} can have no virtual functions: it is no SR-IOV physical function`
    const remedy = 'Name a device that has sriov_totalvfs; some need SR-IOV switched on in the firmware.'
    return [{ reason: 'no-sriov', device: device.address, summary, evidence: [{ path }], remedy }]
  }
  if (functions <= total) return []
  const summary = `${deviceWords(device)} can have ${total} virtual functions at most, ${functions} were asked for`
  const evidence = [{ path, value: String(total) }]
  return [{ reason: 'too-many', device: device.address, summary, evidence, remedy: `Ask for ${total} or fewer.` }]
}

/** Only the driver of the physical function can create virtual functions, or take them away. */
function refuseDriver({ device, total, vfioMayCreate }: PhysicalFunction): readonly Refusal[] {
  if (total === undefined) return []
  if (device.driver === undefined) {
    const summary = `${deviceWords(device)} has no driver, and only its driver can change its virtual functions`
    const evidence = [{ path: `${device.path}/driver` }]
    return [{ reason: 'no-driver', device: device.address, summary, evidence, remedy: 'Bind it to its host driver.' }]
  }
  if (vfioMayCreate !== false) return []
  const summary = `${deviceWords(device)} is on vfio-pci, which may not change virtual functions`
  const evidence = [{ path: '/sys/module/vfio_pci/parameters/enable_sriov', value: 'N' }]
  const remedy = 'Give it back to its host driver, or load vfio_pci with enable_sriov=1.'
  return [{ reason: 'vfio-driver', device: device.address, summary, evidence, remedy }]
}

/** Any change of a number that is not 0 takes all of the functions away first. */
function refuseUses({ device, uses }: PhysicalFunction): readonly Refusal[] {
  return uses.map(({ device: virtual, use }) => ({
    reason: `function-in-use-${use.kind}`,
    device: device.address,
    summary: `the virtual function ${virtual.address} of ${device.address} is in use: ${oneLine(use.summary)}`,
    evidence: [{ path: use.evidence, value: oneLine(use.summary) }],
    remedy: `End what uses ${virtual.address}; all virtual functions go away when their number changes.`,
  }))
}

/** A name with a quote in it would end the word of a udev rule, and begin others. */
function refuseRule({ device: { address, path, driver } }: PhysicalFunction): readonly Refusal[] {
  if (driver === undefined || /^[\w.-]+$/.test(driver)) return []
  const summary = `${address} is on a driver whose name no rule of udev can hold`
  const evidence = [{ path: `${path}/driver`, value: oneLine(driver) }]
  return [{ reason: 'driver-name', device: address, summary, evidence, remedy: 'Leave persistent out.' }]
}
