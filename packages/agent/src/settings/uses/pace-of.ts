import type { AgentSettings } from '../agent-settings.js'

const SECOND = 1000

/** How fast the agent works. */
export interface Pace {
  readonly tickMilliseconds: number
  /** Runs at a time at most. */
  readonly mostRuns: number
  /** Milliseconds between two looks for work that no person has to approve. */
  readonly pollMilliseconds: number
  /** Proportional and integral gain by which runs at a time follow the backlog; undefined: always as many as there may be. */
  readonly governor: { readonly targetBacklog: number; readonly kp: number; readonly ki: number } | undefined
  /** Whether a host under pressure slows it. */
  readonly relief: boolean
}

/** The pace of the agent, by the settings. */
export function paceOf({ harness, auto_executor: auto }: AgentSettings): Pace {
  return {
    tickMilliseconds: harness.tick_interval * SECOND,
    mostRuns: harness.max_concurrency,
    pollMilliseconds: auto.poll_interval_seconds * SECOND,
    governor: harness.enable_governor
      ? { targetBacklog: harness.governor_target_backlog, kp: harness.governor_kp, ki: harness.governor_ki }
      : undefined,
    relief: harness.relief_enabled,
  }
}
