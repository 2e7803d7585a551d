import type { ModeState } from '../agent-state.js'
import type { MutableMode } from './mutable-state.js'

/** A mode in which nothing was decided yet. @param since undefined before the first event */
export function freshMode(mode: ModeState['mode'], since: string | undefined): MutableMode {
  return {
    mode,
    since,
    seconds: 0,
    measuring: false,
    approved: 0,
    rejected: 0,
    timedOut: 0,
    violations: 0,
    request: undefined,
    outcomes: new Map(),
    recentDecisions: [],
  }
}

/** In place: a copy for each decision of a long record would cost more than reading the record. */
