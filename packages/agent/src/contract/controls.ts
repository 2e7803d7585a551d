/** What the controls leave to the executor: read before each run is started. */
export interface RunAllowance {
  /** Runs at a time at most; 0: nothing new is started. */
  readonly concurrency: number
  /** Whether a new run may use the network. */
  readonly network: boolean
}

/** How many runs there are, for the governor. */
export interface RunBacklog {
  /** Runs that could start and wait for their turn. */
  readonly waiting: number
  /** Runs that are under way. */
  readonly active: number
}

/** The stages of the relief valve in ascending order. */
export const RELIEF_STAGES = ['sealed', 'venting', 'emergency', 'critical'] as const

/** How far the host is from standing still. */
export type ReliefStage = (typeof RELIEF_STAGES)[number]

/** The governor after an update, each term as it went into the sum. */
export interface GovernorState {
  /** Runs at a time that it allows. */
  readonly allowed: number
  /** Backlog less what is aimed at; slots that nobody uses count as a negative backlog. */
  readonly error: number
  readonly proportional: number
  readonly integral: number
  /** The bound that the sum was cut at. */
  readonly saturated: 'low' | 'high' | null
}

/** The relief valve after a sample. */
export interface ReliefState {
  readonly stage: ReliefStage
  /** Why it is not sealed, as one sentence; null when it is. */
  readonly because: string | null
  /** ISO 8601: since when it has this stage; null before the first sample. */
  readonly since: string | null
}

/** A host as it was measured; undefined: the kernel does not tell. */
export interface HostMeasures {
  /** Of all processors together, since the sample before. */
  readonly cpuPercent: number | undefined
  readonly memoryPercent: number | undefined
  readonly diskPercent: number | undefined
  /** Share of the last ten seconds in which every task waited, from /proc/pressure. */
  readonly memoryStallPercent: number | undefined
  readonly ioStallPercent: number | undefined
}

/** The controls in short, as people and metrics see them. */
export interface ControlsState {
  readonly allowance: RunAllowance
  readonly backlog: RunBacklog
  /** Null where the governor is switched off. */
  readonly governor: GovernorState | null
  /** Null where relief is switched off. */
  readonly relief: ReliefState | null
  readonly measures: HostMeasures
  /** Names of the anomalies that hold now. */
  readonly anomalies: readonly string[]
  /** Violations of watchdog or quota, and how many of them stop everything. */
  readonly violations: { readonly count: number; readonly threshold: number }
}
