import type { Actor } from '../contract/actor.js'
import type { AgentEvent } from '../record/agent-event.js'
import type { AgentState } from '../record/agent-state.js'
import type { LiveConditions } from './live-conditions.js'
import { modeEvidence } from './mode-evidence.js'
import { modeGate } from './mode-gate.js'

const RULE: Actor = { kind: 'system', name: 'mode' }
const MOST_REJECTED = 0.2
/** Fewer decisions say nothing about a rate. */
const LEAST_DECISIONS = 5
const INACTIVE_DAYS = 90
const DAY_MILLISECONDS = 24 * 3600 * 1000
/** What must still hold when the review time is over; what was signed then is on the record. */
const MEASURED: ReadonlySet<string> = new Set(['days', 'sample', 'approval-rate', 'violations'])

/**
 * The change of mode that is due: a fall back, or a promotion whose review time is over. To be recorded by whoever has the record open.
 * @returns no event when nothing is due
 */
export function dueModeChanges(state: AgentState, now: Date, live: LiveConditions): readonly AgentEvent[] {
  const { mode } = state
  const because = mode.mode === 'alpha' ? undefined : reasonToFallBack(state, now, live)
  if (because !== undefined) return [changed(state, 'alpha', because)]
  const { request } = mode
  if (request === undefined || now.getTime() < Date.parse(request.effectiveFrom)) return []
  if (mode.seconds < request.livedFrom) return []
  const closed = modeGate(state, now)?.conditions.find(({ condition, holds }) => MEASURED.has(condition) && !holds)
  if (closed !== undefined) {
    const text = `${closed.condition}: wanted ${closed.wanted}, found ${closed.found}`
    return [{ type: 'mode-request-cancelled', payload: { by: RULE, because: text } }]
  }
  return [changed(state, request.to, request.because, request.by)]
}

function reasonToFallBack(state: AgentState, now: Date, live: LiveConditions): string | undefined {
  if (live.verification !== undefined) return `the record could not be verified: ${live.verification}`
  const lately = state.mode.recentDecisions.filter(({ at }) => Date.parse(at) >= now.getTime() - 7 * DAY_MILLISECONDS)
  const rejected = lately.filter((one) => one.rejected).length
  if (lately.length >= LEAST_DECISIONS && rejected / lately.length > MOST_REJECTED)
    return `${rejected} of ${lately.length} proposals were rejected within 7 days`
  const last = state.lastActivityAt ?? state.mode.since
  if (last !== undefined && now.getTime() - Date.parse(last) > INACTIVE_DAYS * DAY_MILLISECONDS)
    return `nothing was proposed, decided or run for ${INACTIVE_DAYS} days`
  return undefined
}

function changed(state: AgentState, to: 'alpha' | 'beta' | 'omega', because: string, by: Actor = RULE): AgentEvent {
  const evidence = to === 'alpha' ? null : modeEvidence(state)
  return { type: 'mode-changed', payload: { from: state.mode.mode, to, by, because, evidence } }
}
