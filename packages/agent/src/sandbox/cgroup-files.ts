import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readShortFile } from '@janus/core/sandbox'
import type { ExecutionLimits } from '../contract/warrant.js'

/** What a cgroup can bound. */
export type CgroupBound = 'memory' | 'processes' | 'cpuRate'

/** A file of a cgroup, and what is written into it. */
export interface CgroupFile {
  readonly name: string
  readonly text: string
  /** Not every kernel has it. */
  readonly optional?: boolean
}

/** The launcher, bubblewrap outside and inside, and one that is about to become the program. */
const OWN_PROCESSES = 4
const PERIOD_US = 100_000

/** The files that bound a run, of the controllers of version 1. */
export const FILES_V1: Readonly<Record<CgroupBound, (limits: ExecutionLimits) => readonly CgroupFile[]>> = {
  memory: ({ memoryBytes }) => [
    // The bound of memory may never be above that of memory and swap: a cgroup that is used again may get more than before.
    { name: 'memory.memsw.limit_in_bytes', text: '-1', optional: true },
    { name: 'memory.limit_in_bytes', text: String(memoryBytes) },
    { name: 'memory.memsw.limit_in_bytes', text: String(memoryBytes), optional: true },
  ],
  processes: ({ processes }) => [{ name: 'pids.max', text: String(processes + OWN_PROCESSES) }],
  cpuRate: ({ cpuPercent }) => [
    { name: 'cpu.cfs_period_us', text: String(PERIOD_US) },
    { name: 'cpu.cfs_quota_us', text: String(quotaOf(cpuPercent)) },
  ],
}

/** Those of version 2. */
export const FILES_V2: typeof FILES_V1 = {
  memory: ({ memoryBytes }) => [
    { name: 'memory.max', text: String(memoryBytes) },
    { name: 'memory.swap.max', text: '0', optional: true },
    { name: 'memory.oom.group', text: '1', optional: true },
  ],
  processes: ({ processes }) => [{ name: 'pids.max', text: String(processes + OWN_PROCESSES) }],
  cpuRate: ({ cpuPercent }) => [{ name: 'cpu.max', text: `${quotaOf(cpuPercent)} ${PERIOD_US}` }],
}

/** Writes into files that are there. */
export function writeCgroupFiles(directory: string, files: readonly CgroupFile[]): void {
  for (const { name, text, optional = false } of files) {
    try {
      writeFileSync(join(directory, name), text, { flag: 'r+' })
    } catch (error) {
      if (!optional) throw error
    }
  }
}

/** The number in a file, or behind a name in it; undefined when there is none. */
export function cgroupNumber(directory: string | undefined, file: string, name?: string): number | undefined {
  if (directory === undefined) return undefined
  try {
    const text = readShortFile(join(directory, file))
    const line = name === undefined ? text : text.split('\n').find((candidate) => candidate.startsWith(`${name} `))
    const value = Number(name === undefined ? line : line?.slice(name.length))
    return line !== undefined && Number.isFinite(value) ? value : undefined
  } catch {
    return undefined
  }
}

function quotaOf(percent: number): number {
  return Math.max(1_000, Math.round((percent / 100) * PERIOD_US))
}
