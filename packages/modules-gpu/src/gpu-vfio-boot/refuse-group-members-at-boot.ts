import { findHostModules, keepsGroupViable, type PciDevice, readModuleOptions } from '@janus/core'
import { deviceWords, memberWords } from '../device-words.js'
import { keepsDriversAwayAtBoot } from '../gpu-sriov/boot-rule.js'
import { insistence } from '../gpu-vfio/insistence.js'
import type { Refusal } from '../gpu-vfio/refusal.js'
import { firstOfEachGroup } from '../gpu-vfio/refusals/refuse-group-members.js'
import type { Survey } from '../gpu-vfio/survey.js'
import type { Target } from '../gpu-vfio/targets.js'
import { IOMMU_GROUPS } from '../iommu-state.js'
import { listWords } from '../list-words.js'

/**
 * Refuses a group of which a member leaves its DMA to a guest now, and nothing shows that it will after the next boot: what
 * was bound or unbound at run time goes back to a driver of the host. A member stays where the parameter `ids` of its driver
 * names it (vfio-pci, pci-stub), and without a driver where no module is made for it or, of a virtual function, where the rule
 * that gpu-sriov wrote keeps drivers away. Members on a driver of the host now are refused by gpu-vfio's own rule.
 */
export async function refuseGroupMembersAtBoot(
  survey: Survey,
  targets: readonly Target[],
): Promise<readonly Refusal[]> {
  const chosen = new Set(targets.map(({ device }) => device.address))
  const refusals: Refusal[] = []
  for (const [group, first] of firstOfEachGroup(targets)) {
    for (const member of survey.members(group)) {
      if (chosen.has(member.address) || member.role !== 'endpoint' || !keepsGroupViable(member.driver)) continue
      const words = await whyNotThen(survey, member)
      if (words !== undefined) refusals.push(refusalOf(first, group, member, words))
    }
  }
  return refusals
}

/** Why a member that keeps the group viable now may not do so after the next boot. */
async function whyNotThen({ host, kernelModules, byAddress }: Survey, member: PciDevice): Promise<string | undefined> {
  const physical = member.physicalFunction === undefined ? undefined : byAddress.get(member.physicalFunction)
  if (physical !== undefined && (await keepsDriversAwayAtBoot(host, physical))) return undefined
  if (member.driver !== undefined && (await isConfigured({ host }, member, member.driver))) return undefined
  const modules = (await findHostModules(host, member)).filter(
    (name) => kernelModules.blacklisted(name) === undefined || kernelModules.state(name) === 'loaded',
  )
  if (modules.length > 0) return `the next boot gives that to ${listWords(modules)}`
  if (member.driver === undefined) return undefined
  // Which devices a driver that is built into the kernel takes, nothing shows.
  return 'nothing shows that the next boot leaves that to no driver of the host'
}

/** True where modprobe.d(5) or the kernel command line has the driver take the device by its ids, at every boot. */
async function isConfigured(
  { host }: Pick<Survey, 'host'>,
  { vendor, device }: PciDevice,
  driver: string,
): Promise<boolean> {
  const module = driver.replaceAll('-', '_')
  const options = (await readModuleOptions(host)).filter((one) => one.module === module)
  const ids = options.flatMap(({ words }) => words.flatMap((word) => /^ids=(.*)$/.exec(word)?.[1]?.split(',') ?? []))
  return ids.some((id) => id.toLowerCase().split(':').slice(0, 2).join(':') === `${vendor}:${device}`)
}

function refusalOf(target: PciDevice, group: string, member: PciDevice, words: string): Refusal {
  return {
    reason: 'sibling-on-host-driver',
    device: target.address,
    summary: `${deviceWords(target)} shares IOMMU group ${group} with ${memberWords(member)}, and ${words}: a group is given away as a whole or not at all`,
    evidence: [
      { path: `${IOMMU_GROUPS}/${group}/devices/${member.address}`, value: `class 0x${member.class}` },
      { path: `${member.path}/driver`, ...(member.driver === undefined ? {} : { value: member.driver }) },
    ],
    ...insistence('includeSiblings', [member.address]),
    remedy: `Take ${member.address} along, so that the boot binds it too.`,
  }
}
