import type { ExecutionLimits } from '../contract/warrant.js'

/** Cgroups that runs may be put into, as this machine has them. */
export interface RunCgroups {
  readonly kind: 'cgroup-v2' | 'cgroup-v1' | 'none'
  /** What they bound of all processes of a run together. */
  readonly bounds: {
    readonly memory: boolean
    readonly processes: boolean
    readonly cpuRate: boolean
    readonly cpuTime: boolean
  }
  /** Whether all processes of a run can be ended by one write. */
  readonly kills: boolean
  /**
   * Makes one, with nothing in it.
   * @param name `[a-z0-9-]+`, nobody else's
   */
  open(name: string): Promise<RunCgroup>
  /** Removes what is left of ours. Safe to call twice. */
  close(): Promise<void>
}

/** The cgroup of one run. */
export interface RunCgroup {
  /** Where all its processes can be seen and ended; undefined where there is none. */
  readonly directory: string | undefined
  /** Files that a process writes 0 into to enter it, and with it all that it will start. */
  readonly entries: readonly string[]
  limit(limits: ExecutionLimits): void
  usage(): CgroupUsage
  /**
   * Forgets what the last run used, for another one.
   * @returns false when the kernel goes on counting it to the next; another cgroup is to be made then
   */
  renew(): boolean
  /** Ends every process in it. False when it cannot. */
  kill(): boolean
  /** Safe to call twice. */
  remove(): Promise<void>
}

/** What a run used so far; undefined where nothing counts it. */
export interface CgroupUsage {
  readonly cpuMs: number | undefined
  readonly memoryPeakBytes: number | undefined
  /** Processes that the kernel ended because there was no memory left. */
  readonly outOfMemory: number
}

const NOTHING: RunCgroup = {
  directory: undefined,
  entries: [],
  limit: () => undefined,
  usage: () => ({ cpuMs: undefined, memoryPeakBytes: undefined, outOfMemory: 0 }),
  renew: () => true,
  kill: () => false,
  remove: async () => undefined,
}

/** Where there are none. */
export const NO_CGROUPS: RunCgroups = {
  kind: 'none',
  bounds: { memory: false, processes: false, cpuRate: false, cpuTime: false },
  kills: false,
  open: async () => NOTHING,
  close: async () => undefined,
}
