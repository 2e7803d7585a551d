import type { SandboxLimits, SandboxStorage } from '@janus/core/sandbox'
import type { ExecutionLimits } from '../contract/warrant.js'

/** Names that a run may make in all it writes, together: each costs the kernel about 1 KiB that no limit of bytes counts. */
const MOST_INODES = 32_768
const SECOND = 1000

/** What may be written, in bytes and inodes. */
export function storageOf({ diskBytes }: ExecutionLimits): SandboxStorage {
  return { bytes: diskBytes, inodes: MOST_INODES }
}

/**
 * The limits of each process of a run. Address space is bounded where nothing counts the memory of all together: it is what shared mappings take, which
 * RLIMIT_DATA leaves out.
 * @param isTreeBounded the memory of all processes together is bounded otherwise
 */
export function processLimits(limits: ExecutionLimits, isTreeBounded: boolean): Partial<SandboxLimits> {
  return {
    wall: limits.wallSeconds * SECOND,
    memory: limits.memoryBytes,
    addressSpace: isTreeBounded ? undefined : addressSpaceOf(limits),
    processes: limits.processes,
    fileSize: limits.diskBytes,
    cpu: limits.cpuSeconds,
  }
}

/** Programs such as node reserve much more than they use. */
export function addressSpaceOf({ memoryBytes }: ExecutionLimits): number {
  return 2 * memoryBytes + 1024 ** 3
}
