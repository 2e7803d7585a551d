import type { PciDevice } from '@janus/core'
import { deviceWords } from '../../device-words.js'
import { IOMMU_CLASS, IOMMU_GROUPS } from '../../iommu-state.js'
import type { Refusal } from '../refusal.js'
import type { Survey } from '../survey.js'

/**
 * Refuses a device that no IOMMU translates for: vfio-pci would answer EINVAL after the host driver is gone. That the
 * machine has no IOMMU in effect and that this one device is outside of it are different causes with different ways out.
 */
export async function refuseIommu({ host, iommu }: Survey, device: PciDevice): Promise<readonly Refusal[]> {
  if (device.iommuGroup !== undefined) return refuseNoIommuGroup({ host }, device, device.iommuGroup)
  const group = { path: `${device.path}/iommu_group` }
  if (iommu.effect === 'in-effect') {
    const summary = `${deviceWords(device)} is in no IOMMU group although an IOMMU is in effect: it is outside of its reach`
    const remedy =
      'Move the card to another slot, or look for a firmware setting that exempts this port from DMA remapping.'
    return [{ reason: 'no-group', device: device.address, summary, evidence: [group, ...iommu.evidence], remedy }]
  }
  const commandLine = await host.readText('/proc/cmdline')
  const shown = commandLine.value === undefined ? [] : [{ path: '/proc/cmdline', value: commandLine.value.trim() }]
  const cause = iommu.effect === 'none' ? 'no IOMMU is in effect on this host' : 'nothing shows an IOMMU on this host'
  return [
    {
      reason: 'no-iommu',
      device: device.address,
      summary: `${deviceWords(device)} cannot be isolated: ${cause}`,
      evidence: [...iommu.evidence, group, ...shown],
      remedy:
        'Enable VT-d or AMD-Vi in the firmware and the IOMMU on the kernel command line; `janus check gpu-iommu` says which is missing.',
    },
  ]
}

/** A group that VFIO itself made up, without an IOMMU behind it (`enable_unsafe_noiommu_mode`), isolates nothing. */
async function refuseNoIommuGroup(
  { host }: Pick<Survey, 'host'>,
  device: PciDevice,
  group: string,
): Promise<readonly Refusal[]> {
  const path = `${IOMMU_GROUPS}/${group}/name`
  const name = (await host.readText(path)).value?.trim()
  if (name !== 'vfio-noiommu') return []
  return [
    {
      reason: 'no-iommu',
      device: device.address,
      summary: `${deviceWords(device)} is in a group that VFIO made up without an IOMMU: it isolates nothing`,
      evidence: [{ path, value: name }, { path: IOMMU_CLASS }],
      remedy: 'Enable the IOMMU, and vfio without enable_unsafe_noiommu_mode.',
    },
  ]
}
