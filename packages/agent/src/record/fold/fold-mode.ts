import type { Actor } from '../../contract/actor.js'
import type { AgentEvents } from '../agent-event.js'
import type { DecidedOutcome, ModeState } from '../agent-state.js'
import type { MutableState } from './mutable-state.js'

/** A process says every hour that it lives; a span that is longer than this was not lived through, but slept or made up. */
const MOST_SECONDS_ALIVE = 2 * 3600
const REJECTION_WINDOW_DAYS = 7
const MOST_RECENT_DECISIONS = 1000

/** Notes the time of an event. The wall clock opens no gate: what counts as operation is what {@link foldAlive} is told. */
export function foldTime(state: MutableState, at: string): void {
  if (state.greatestAt === undefined) state.mode = { ...state.mode, since: at }
  if (state.greatestAt === undefined || Date.parse(at) > Date.parse(state.greatestAt)) state.greatestAt = at
  state.lastAt = at
}

/** Adds time that a process measured on its monotonic clock while it ran. A span that began in another mode counts for none. */
export function foldAlive(state: MutableState, { seconds }: AgentEvents['agent-alive']): void {
  const { mode } = state
  const counts = mode.measuring && seconds > 0 && seconds <= MOST_SECONDS_ALIVE
  state.mode = { ...mode, measuring: true, seconds: mode.seconds + (counts ? seconds : 0) }
}

/** Starts a mode, and its numbers with it. */
export function foldModeChanged(state: MutableState, { to }: AgentEvents['mode-changed'], at: string): void {
  state.mode = freshMode(to, at)
}

/**
 * Counts what people finally said of a proposal, once for each, however many of them approved. One that waited too long stays counted against.
 * What a rule of the agent decided counts for nothing.
 */
export function foldOutcome(
  state: MutableState,
  proposal: string,
  outcome: DecidedOutcome,
  by: Actor,
  at: string,
): void {
  const { mode } = state
  if (outcome !== 'timedOut' && by.kind !== 'user' && by.kind !== 'key') return
  const earlier = mode.outcomes.get(proposal)
  if (earlier === 'timedOut' || earlier === outcome) return
  const outcomes = new Map(mode.outcomes).set(proposal, outcome)
  const recentDecisions = outcome === 'timedOut' ? mode.recentDecisions : within(mode, at, outcome === 'rejected')
  const counted = { ...mode, outcomes, recentDecisions, [outcome]: mode[outcome] + 1 }
  state.mode = earlier === undefined ? counted : { ...counted, [earlier]: counted[earlier] - 1 }
}

/** Forgets which way a proposal was counted, when nothing more can be decided about it. */
export function foldOutcomeFinal(state: MutableState, proposal: string): void {
  if (!state.mode.outcomes.has(proposal)) return
  const outcomes = new Map(state.mode.outcomes)
  outcomes.delete(proposal)
  state.mode = { ...state.mode, outcomes }
}

/**
 * Counts a violation, for ever and for the mode, and falls back to alpha: whoever records one need not think of it. In alpha all numbers begin
 * again, and the violation stays in the way of a promotion until a person starts alpha anew.
 */
export function foldViolation(
  state: MutableState,
  { code, summary }: AgentEvents['violation-recorded'],
  at: string,
): void {
  state.violations = { total: state.violations.total + 1, latest: { code, summary, at } }
  const earlier = state.mode.mode === 'alpha' ? state.mode.violations : 0
  state.mode = { ...freshMode('alpha', at), violations: earlier + 1 }
}

function freshMode(mode: ModeState['mode'], since: string): ModeState {
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

function within(mode: ModeState, at: string, rejected: boolean): ModeState['recentDecisions'] {
  // Times of one form are in the order of their letters.
  const oldest = new Date(Date.parse(at) - REJECTION_WINDOW_DAYS * 24 * 3600 * 1000).toISOString()
  return [...mode.recentDecisions, { at, rejected }].filter((one) => one.at >= oldest).slice(-MOST_RECENT_DECISIONS)
}
