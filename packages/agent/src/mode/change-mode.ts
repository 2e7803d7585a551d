import type { Actor } from '../contract/actor.js'
import type { DemoteModeRequest, PromoteModeRequest } from '../contract/agent.js'
import { OPERATIONAL_MODES } from '../contract/mode.js'
import { agentError } from '../errors/agent-error.js'
import type { AgentRecord } from '../record/agent-record.js'
import { commitOrRefuse } from '../record/commit-or-refuse.js'
import { modeGate } from './mode-gate.js'

const DAY_MILLISECONDS = 24 * 3600 * 1000

/**
 * Raises the mode when its gate is open: to beta at once, to omega after the review time.
 * @param reviewDays days between the request for omega and its effect
 * @throws JANUS_AGENT_GATE_CLOSED with the conditions that do not hold
 */
export async function promoteMode(
  record: AgentRecord,
  { to, reason, at, signatures }: PromoteModeRequest,
  { by, reviewDays }: { readonly by: Actor; readonly reviewDays: number },
): Promise<void> {
  await commitOrRefuse(record, { by }, (state) => {
    const now = record.clock.now()
    const gate = modeGate(state, now, { reason, at, signatures })
    if (gate === undefined || gate.to !== to) {
      const next = gate === undefined ? 'there is none above it' : `the next one is ${gate.to}`
      throw agentError('JANUS_AGENT_GATE_CLOSED', `the mode is ${state.mode.mode}, and ${next}`, {
        data: { from: state.mode.mode, to },
      })
    }
    const closed = gate.conditions.filter(({ holds }) => !holds)
    if (closed.length > 0) {
      const missing = closed.map(({ condition, wanted, found }) => `${condition} (wanted ${wanted}, found ${found})`)
      throw agentError('JANUS_AGENT_GATE_CLOSED', `the gate to ${to} is closed: ${missing.join('; ')}`, {
        data: { from: gate.from, to, closed },
      })
    }
    const { from, evidence } = gate
    const signed = { at, signatures }
    if (to !== 'omega')
      return {
        events: [{ type: 'mode-changed', payload: { from, to, by, because: reason, evidence, signed } }],
        answer: undefined,
      }
    const effectiveFrom = new Date(now.getTime() + reviewDays * DAY_MILLISECONDS).toISOString()
    const payload = { to, effectiveFrom, by, because: reason, evidence, signed }
    return { events: [{ type: 'mode-requested', payload }], answer: undefined }
  })
}

/**
 * Lowers the mode at once; a promotion that waits is gone with it. Naming the mode as it is gives up that promotion and nothing else, or begins alpha anew after
 * a violation.
 * @throws JANUS_AGENT_TRANSITION_ILLEGAL for a mode that is not lower
 */
export async function demoteMode(record: AgentRecord, { to, reason }: DemoteModeRequest, by: Actor): Promise<void> {
  await commitOrRefuse(record, { by }, ({ mode }) => {
    if (to === mode.mode && mode.request !== undefined)
      return { events: [{ type: 'mode-request-cancelled', payload: { by, because: reason } }], answer: undefined }
    // After a violation a person begins alpha anew: its days and decisions count from then on.
    const anew = to === 'alpha' && mode.mode === 'alpha' && mode.violations > 0
    if (!anew && OPERATIONAL_MODES.indexOf(to) >= OPERATIONAL_MODES.indexOf(mode.mode)) {
      throw agentError('JANUS_AGENT_TRANSITION_ILLEGAL', `the mode is ${mode.mode}, and ${to} is not lower`, {
        remedy: 'Look at it: `janus agent mode show`.',
        data: { from: mode.mode, to },
      })
    }
    const payload = { from: mode.mode, to, by, because: reason, evidence: null }
    return { events: [{ type: 'mode-changed', payload }], answer: undefined }
  })
}
