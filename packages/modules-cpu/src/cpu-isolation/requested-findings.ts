import { type Evidence, type Finding, formatCpuList, type Host, isJanusError } from '@janus/core'
import { refusalStatus } from '../request-finding.js'
import { CGROUP_ROOT } from './cgroup-tree.js'
import { isolationChanges } from './isolation-changes.js'
import type { CpuIsolationOptions } from './options.js'
import { type Isolable, requireIsolable } from './require-isolable.js'
import { readRestrictedUnits } from './restricted-units.js'
import { cpuWords, groupOf, type Situation } from './situation.js'
import { straggling } from './straggling.js'

/** Whether the processors are isolated as the options say, can be, or cannot; and who runs on them all the same. */
export async function requestedFindings(
  host: Host,
  options: CpuIsolationOptions,
  situation: Situation,
): Promise<readonly Finding[]> {
  const id = 'isolation-requested'
  try {
    const isolable = requireIsolable(host, options, situation)
    const changes = await isolationChanges(host, isolable, options)
    if (changes.length === 0) {
      const summary = `${cpuWords(isolable.cpus)} ${isolable.cpus.length === 1 ? 'is' : 'are'} isolated by ${isolable.mode}`
      return [
        { id, status: 'ok', summary, evidence: evidenceOf(isolable, options) },
        ...(await straggling(host, isolable, options)),
      ]
    }
    const lost = await lostFinding(host, isolable, options)
    if (lost !== undefined) return [lost]
    const summary = `${cpuWords(isolable.cpus)} can be isolated by ${isolable.mode}, in ${changes.length} steps; ${await keptWords(host, isolable, options)}`
    return [{ id, status: 'ok', summary, evidence: evidenceOf(isolable, options) }]
  } catch (error) {
    if (!isJanusError(error)) throw error
    return [{ id, status: refusalStatus(host, error), summary: error.message, remedy: error.remedy }]
  }
}

/** What is left: to the host as a whole, or to each of its slices where they had different processors. */
async function keptWords(host: Host, isolable: Isolable, options: CpuIsolationOptions): Promise<string> {
  const units = isolable.mode === 'systemd' ? await readRestrictedUnits(host, isolable, options) : []
  const [first = formatCpuList(isolable.remaining)] = units.map(({ wanted }) => wanted)
  if (units.every(({ wanted }) => wanted === first)) return `the host keeps ${first}`
  return units.map(({ unit, wanted }) => `${unit} keeps ${wanted}`).join(', ')
}

/** What was isolated once and is not any more: somebody rewrote a slice, or the kernel took a partition back. */
async function lostFinding(host: Host, isolable: Isolable, options: CpuIsolationOptions): Promise<Finding | undefined> {
  const id = 'isolation-requested'
  const remedy = 'Apply it again, or roll it back.'
  if (isolable.mode === 'systemd') {
    const units = await readRestrictedUnits(host, isolable, options)
    const rewritten = units.filter(
      ({ hasFile, isRunning, present, wanted }) => hasFile && isRunning && present !== wanted,
    )
    if (rewritten.length === 0) return undefined
    return {
      id,
      status: 'warn',
      summary: `not in effect, although ${rewritten.map(({ file }) => file).join(', ')} says so: ${rewritten.map(({ unit, present = 'nothing', wanted }) => `${unit} has ${present === '' ? 'all processors' : present} instead of ${wanted}`).join('; ')}`,
      evidence: rewritten.map(({ attribute, present }) => ({
        path: attribute,
        ...(present === undefined ? {} : { value: present }),
      })),
      remedy,
    }
  }
  if (isolable.mode !== 'partition') return undefined
  const name = groupOf(options, 'partition')
  const group = isolable.tree.groups.find((entry) => entry.name === name)
  if (!group?.partition?.includes('invalid')) return undefined
  const path = `${group.path}/cpuset.cpus.partition`
  return {
    id,
    status: 'warn',
    summary: `not in effect: the partition ${name} is ${group.partition}`,
    evidence: [{ path, value: group.partition }],
    remedy,
  }
}

function evidenceOf({ mode, tree }: Isolable, options: CpuIsolationOptions): readonly Evidence[] {
  if (mode === 'systemd') return [{ path: '/run/systemd/system' }]
  const name = groupOf(options, mode)
  const group = tree.groups.find((entry) => entry.name === name)
  if (group === undefined) return [{ path: `${CGROUP_ROOT}/cgroup.subtree_control`, value: tree.enabled.join(' ') }]
  const attribute = mode === 'partition' ? 'cpuset.cpus.partition' : 'cpuset.cpus'
  const value = mode === 'partition' ? group.partition : group.cpus
  return [{ path: `${group.path}/${attribute}`, ...(value === undefined ? {} : { value }) }]
}
