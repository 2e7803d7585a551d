import type { Enforcement } from '../contract/run.js'
import type { ExecutionLimits } from '../contract/warrant.js'
import { networkEnforcement } from '../network/network-enforcement.js'
import type { RunCgroups } from './run-cgroups.js'
import { addressSpaceOf, storageOf } from './run-limits.js'

/** What is known of a run when it is reported what bounded it. */
export interface EnforcedRun {
  readonly limits: ExecutionLimits
  readonly cgroups: Pick<RunCgroups, 'kind' | 'bounds'>
  /** User of the host; undefined: the agent's own. */
  readonly uid: number | undefined
  readonly mostOutput: number
  readonly network: readonly string[]
}

const MIB = 1024 * 1024
const DESCRIPTORS = 256

/** What bounds each dimension of a run on this machine, and what does not. */
export function enforcementReport(run: EnforcedRun): readonly Enforcement[] {
  const { limits, cgroups, uid, mostOutput, network } = run
  const { bytes, inodes } = storageOf(limits)
  const row = (dimension: string, by: string, bound: string, enforced = true): Enforcement => ({
    dimension,
    enforced,
    by,
    bound,
  })
  return [
    row('wall', 'timer', `${limits.wallSeconds} s, then SIGTERM and SIGKILL`),
    cgroups.bounds.cpuTime
      ? row('cpu', cgroups.kind, `${limits.cpuSeconds} s of all processes together, looked at five times a second`)
      : row('cpu', 'rlimit', `${limits.cpuSeconds} s for each process, not for all together`),
    cgroups.bounds.cpuRate
      ? row('cpu-rate', cgroups.kind, `${limits.cpuPercent} % of one processor`)
      : row('cpu-rate', 'none', `${limits.cpuPercent} % were wanted`, false),
    row('memory-process', 'rlimit', memoryOfProcess(limits, cgroups.bounds.memory)),
    cgroups.bounds.memory
      ? row(
          'memory-tree',
          cgroups.kind,
          `${mib(limits.memoryBytes)} of all processes together, what they write included`,
        )
      : row('memory-tree', 'none', `${limits.processes} processes may each use their bound`, false),
    row('processes', cgroups.bounds.processes ? cgroups.kind : 'rlimit', `${limits.processes}, threads included`),
    row('workspace-bytes', 'tmpfs', `${mib(bytes)}, /tmp, /dev/shm and the home directory included`),
    row('workspace-inodes', 'tmpfs', `${inodes}, the same included`),
    row('file-size', 'rlimit', `${mib(limits.diskBytes)} for each file`),
    row('descriptors', 'rlimit', `${DESCRIPTORS} for each process`),
    row('output', 'timer', `${mib(mostOutput)} of both streams together`),
    networkEnforcement(network),
    row(
      'system-calls',
      'seccomp',
      'no new namespaces, no tracing, no memory that is not counted, no foreign socket families',
    ),
    row('namespaces', 'namespace', 'user, mount, process, network, IPC, host name and cgroup of its own'),
    uid === undefined
      ? row(
          'user',
          'none',
          'the user of the agent: it is kept from what is the agent\u2019s by what it is not shown',
          false,
        )
      : row('user', 'uid', `${uid} of the host, which runs nothing else`),
  ]
}

function memoryOfProcess(limits: ExecutionLimits, isTreeBounded: boolean): string {
  const data = `${mib(limits.memoryBytes)} of data for each process`
  return isTreeBounded ? data : `${data}, ${mib(addressSpaceOf(limits))} with what it shares`
}

function mib(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`
}
