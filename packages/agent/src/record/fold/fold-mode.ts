import type { Actor } from '../../contract/actor.js'
import type { AgentEvents } from '../agent-event.js'
import type { DecidedOutcome, ModeState } from '../agent-state.js'
import { pushBounded } from './bounded.js'
import { freshMode } from './fresh-mode.js'
import type { MutableMode, MutableState } from './mutable-state.js'

/** A process says every hour that it lives; a span that is longer than this was not lived through, but slept or made up. */
const MOST_SECONDS_ALIVE = 2 * 3600
/** Of `2026-03-01T12:00:00.000Z`; years of five digits are longer. */
const ISO_LENGTH = 24
const REJECTION_WINDOW_DAYS = 7
const MOST_RECENT_DECISIONS = 1000

/** Notes the time of an event. The wall clock opens no gate: what counts as operation is what {@link foldAlive} is told. */
export function foldTime(state: MutableState, at: string): void {
  if (state.greatestAt === undefined) state.mode = { ...state.mode, since: at }
  if (state.greatestAt === undefined || isLater(at, state.greatestAt)) state.greatestAt = at
  state.lastAt = at
}

/** Called for every event there ever was: parsing both times would be a seventh of reading the record. */
function isLater(one: string, other: string): boolean {
  // Times of this one form are in the order of their letters.
  if (one.length === ISO_LENGTH && other.length === ISO_LENGTH) return one > other
  return Date.parse(one) > Date.parse(other)
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
  mode.outcomes.set(proposal, outcome)
  if (outcome !== 'timedOut') addDecision(mode.recentDecisions, { at, rejected: outcome === 'rejected' })
  const counted = { ...mode, [outcome]: mode[outcome] + 1 }
  state.mode = earlier === undefined ? counted : { ...counted, [earlier]: counted[earlier] - 1 }
}

/** Forgets which way a proposal was counted, when nothing more can be decided about it. */
export function foldOutcomeFinal(state: MutableState, proposal: string): void {
  state.mode.outcomes.delete(proposal)
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

function addDecision(decisions: MutableMode['recentDecisions'], decision: ModeState['recentDecisions'][number]): void {
  // Times of one form are in the order of their letters.
  const oldest = new Date(Date.parse(decision.at) - REJECTION_WINDOW_DAYS * 24 * 3600 * 1000).toISOString()
  const kept = decisions.findIndex(({ at }) => at >= oldest)
  decisions.splice(0, kept === -1 ? decisions.length : kept)
  pushBounded(decisions, decision, MOST_RECENT_DECISIONS)
}
