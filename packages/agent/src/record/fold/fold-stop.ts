import type { AgentEvents } from '../agent-event.js'
import { pushBounded } from './bounded.js'
import type { MutableState } from './mutable-state.js'

/** As many as a threshold may be. */
const MOST_VIOLATIONS = 1000

/** Notes a stop. One that is recorded while another stands is what came on top of it: the first is what stands. */
export function foldStopped(
  state: MutableState,
  { cause, summary, by }: AgentEvents['emergency-stopped'],
  at: string,
): void {
  state.stopped ??= { kind: cause, summary, by, at }
}

/** Lifts a stop; what led to it is over with it. */
export function foldLifted(state: MutableState, _lifted: AgentEvents['emergency-lifted'], at: string): void {
  state.stopped = undefined
  state.liftedAt = at
  state.limitViolations.length = 0
}

/** Counts a violation of a limit. */
export function foldLimitViolated(
  state: MutableState,
  { limit, summary }: AgentEvents['limit-violated'],
  at: string,
): void {
  pushBounded(state.limitViolations, { at, limit, summary }, MOST_VIOLATIONS)
}
