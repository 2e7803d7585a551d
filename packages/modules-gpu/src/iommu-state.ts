import type { Evidence, Host, PciDevice } from '@janus/core'

/** Directory that holds one entry for every IOMMU the kernel uses. */
export const IOMMU_CLASS = '/sys/class/iommu'
/** Directory that holds the IOMMU groups. */
export const IOMMU_GROUPS = '/sys/kernel/iommu_groups'

/** Whether an IOMMU is in effect, and what shows it. `unknown`: the host shows nothing about it. */
export interface IommuState {
  readonly effect: 'in-effect' | 'none' | 'unknown'
  readonly evidence: readonly Evidence[]
}

/**
 * Reads whether the kernel uses an IOMMU. The kernel log and the command line do not tell: both can say "enabled"
 * without any. Entries of `/sys/class/iommu`, and devices with a group, do.
 */
export async function readIommuState(host: Host, devices: readonly PciDevice[]): Promise<IommuState> {
  const [units, groups] = await Promise.all([host.list(IOMMU_CLASS), host.list(IOMMU_GROUPS)])
  const grouped = devices.filter((device) => device.iommuGroup !== undefined)
  const evidence: Evidence[] = [
    { path: IOMMU_CLASS, ...namesShown(units.value, 'unit') },
    { path: IOMMU_GROUPS, ...namesShown(groups.value, 'group') },
  ]
  const [first] = grouped
  if (first !== undefined) evidence.push({ path: `${first.path}/iommu_group`, value: first.iommuGroup ?? '' })
  if (grouped.length > 0 || (units.value?.length ?? 0) > 0) return { effect: 'in-effect', evidence }
  const isShown = units.value !== undefined || groups.value !== undefined
  return { effect: isShown || host.kind === 'live' ? 'none' : 'unknown', evidence }
}

function namesShown(names: readonly string[] | undefined, what: string): { value: string } | Record<string, never> {
  if (names === undefined) return {}
  if (names.length === 0) return { value: '(empty)' }
  return { value: names.length > 8 ? `${names.length} ${what}s` : names.join(' ') }
}
