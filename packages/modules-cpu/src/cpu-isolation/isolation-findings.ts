import { type Evidence, type Finding, formatCpuList, type Host, parseCpuList } from '@janus/core'
import { CGROUP_ROOT, type CgroupTree, isKeptFrom, isPartition, isValidPartition } from './cgroup-tree.js'
import { cpuWords, type Situation, without } from './situation.js'

const CPU = '/sys/devices/system/cpu'
const MOST_SHOWN = 16

/** What is isolated on the host and by what, and whether a partition is not what was asked for. */
export async function isolationFindings(host: Host, situation: Situation): Promise<readonly Finding[]> {
  const { tree, online } = situation
  if (online === undefined) {
    const summary = 'the host does not show its processors'
    return [{ id: 'isolation', status: 'skipped', summary, evidence: [{ path: `${CPU}/online` }] }]
  }
  return [
    isolatedFinding(situation, online),
    ...(tree.usable ? partitionFindings(tree) : [unusableFinding(host, tree)]),
  ]
}

function isolatedFinding({ tree, bootIsolated, tickless }: Situation, online: readonly number[]): Finding {
  const groups = tree.usable ? tree.groups : []
  const partitions = groups.filter(isValidPartition)
  const free = without(
    online,
    partitions.flatMap(({ cpus = '' }) => parseCpuList(cpus) ?? []),
  )
  const restricted = groups.filter((group) => !isPartition(group) && isKeptFrom(group, free))
  const parts = [
    ...(bootIsolated.length > 0 ? [`${cpuWords(bootIsolated)} by isolcpus=`] : []),
    ...(tickless.length > 0 ? [`${cpuWords(tickless)} without the tick by nohz_full=`] : []),
    ...partitions
      .slice(0, MOST_SHOWN)
      .map((group) => `${cpuWords(parseCpuList(group.cpus ?? '') ?? [])} by the partition ${group.name}`),
    ...restricted.slice(0, MOST_SHOWN).map((group) => `${group.name} is kept to ${group.cpus}`),
  ]
  const evidence: Evidence[] = [
    { path: `${CPU}/isolated`, value: formatCpuList(bootIsolated) },
    ...[...partitions, ...restricted]
      .slice(0, MOST_SHOWN)
      .map((group) => ({ path: `${group.path}/cpuset.cpus`, value: group.cpus ?? '' })),
  ]
  const summary = parts.length === 0 ? 'no processor is isolated' : `isolated: ${parts.join('; ')}`
  return { id: 'isolation', status: 'ok', summary, evidence }
}

function partitionFindings({ groups }: Extract<CgroupTree, { usable: true }>): readonly Finding[] {
  const invalid = groups.filter((group) => isPartition(group) && !isValidPartition(group))
  if (invalid.length === 0) return []
  return [
    {
      id: 'isolation-partitions',
      status: 'warn',
      summary: `not in effect: ${invalid.map(({ name, partition }) => `the partition ${name} is ${partition}`).join('; ')}`,
      evidence: invalid.map(({ path, partition = '' }) => ({
        path: `${path}/cpuset.cpus.partition`,
        value: partition,
      })),
      remedy: 'Change cpuset.cpus of that cgroup or of its neighbours, or roll its isolation back.',
    },
  ]
}

function unusableFinding(host: Host, tree: Extract<CgroupTree, { usable: false }>): Finding {
  const isUnknown = host.kind !== 'live' && tree.value === undefined
  const summary = isUnknown
    ? `${CGROUP_ROOT} was not captured`
    : `processors cannot be isolated at run time: ${tree.reason}`
  return {
    id: 'isolation-cgroups',
    status: 'skipped',
    summary,
    evidence: [{ path: tree.path, ...(tree.value === undefined ? {} : { value: tree.value }) }],
  }
}
