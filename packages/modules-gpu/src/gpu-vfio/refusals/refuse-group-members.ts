import { isPciAddress, keepsGroupViable, type PciDevice } from '@janus/core'
import { deviceWords, memberWords } from '../../device-words.js'
import { IOMMU_GROUPS } from '../../iommu-state.js'
import { insistence } from '../insistence.js'
import type { Refusal } from '../refusal.js'
import type { Survey } from '../survey.js'
import type { Target } from '../targets.js'

/**
 * Refuses a group that would not be viable for VFIO: every member must be without a driver, or on one that leaves DMA
 * to the owner of the group (Documentation/driver-api/vfio.rst). Bridges on pcieport do, and stay where they are.
 */
export async function refuseGroupMembers(survey: Survey, targets: readonly Target[]): Promise<readonly Refusal[]> {
  const chosen = new Set(targets.map(({ device }) => device.address))
  const refusals: Refusal[] = []
  for (const [group, first] of firstOfEachGroup(targets)) {
    const others = survey.members(group).filter(({ address }) => !chosen.has(address))
    refusals.push(...others.flatMap((member) => refuseMember(first, group, member)))
    refusals.push(...(await refuseForeignMembers(survey, first, group)))
  }
  return refusals
}

function refuseMember(target: PciDevice, group: string, member: PciDevice): readonly Refusal[] {
  const evidence = [
    { path: `${IOMMU_GROUPS}/${group}/devices/${member.address}`, value: `class 0x${member.class}` },
    { path: `${member.path}/driver`, ...(member.driver === undefined ? {} : { value: member.driver }) },
  ]
  const shared = `${deviceWords(target)} shares IOMMU group ${group} with ${memberWords(member)}`
  if (member.role === 'chipset') {
    const remedy = 'Move the card to a slot with a group of its own.'
    return [
      {
        reason: 'chipset-in-group',
        device: target.address,
        summary: `${shared}, a part of the chipset`,
        evidence,
        remedy,
      },
    ]
  }
  if (keepsGroupViable(member.driver)) return []
  if (member.role !== 'endpoint') {
    const summary = `${shared}, a bridge whose driver does not leave the group to a guest`
    const remedy = 'Move the card to a slot with a group of its own.'
    return [{ reason: 'bridge-driver', device: target.address, summary, evidence, remedy }]
  }
  return [
    {
      reason: 'sibling-on-host-driver',
      device: target.address,
      summary: `${shared}: a group is given away as a whole or not at all`,
      evidence,
      ...insistence('includeSiblings', [member.address]),
      remedy: `Take ${member.address} along, or free it from ${member.driver} yourself.`,
    },
  ]
}

/** Members that are no PCI functions (ACPI or platform devices) count for viability too. */
async function refuseForeignMembers({ host }: Survey, target: PciDevice, group: string): Promise<readonly Refusal[]> {
  const directory = `${IOMMU_GROUPS}/${group}/devices`
  const names = (await host.list(directory)).value ?? []
  const refusals: Refusal[] = []
  for (const name of names.filter((candidate) => !isPciAddress(candidate))) {
    const driver = await host.readLink(`${directory}/${name}/driver`)
    if (driver.value === undefined) continue
    const summary = `${deviceWords(target)} shares IOMMU group ${group} with ${JSON.stringify(name)}, which is no PCI device and has a host driver`
    const evidence = [{ path: `${directory}/${name}/driver`, value: driver.value }]
    const remedy = 'Move the card to a slot with a group of its own.'
    refusals.push({ reason: 'foreign-member', device: target.address, summary, evidence, remedy })
  }
  return refusals
}

/** The first target of every IOMMU group that has one, by the number of the group. */
export function firstOfEachGroup(targets: readonly Target[]): ReadonlyMap<string, PciDevice> {
  const groups = new Map<string, PciDevice>()
  for (const { device } of targets) {
    if (device.iommuGroup !== undefined && !groups.has(device.iommuGroup)) groups.set(device.iommuGroup, device)
  }
  return groups
}
