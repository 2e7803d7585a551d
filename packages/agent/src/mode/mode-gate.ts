import type { EnrolledKey, KeyRole, Signature } from '../contract/actor.js'
import { type GateCondition, type ModeGate, OPERATIONAL_MODES, type OperationalMode } from '../contract/mode.js'
import { verifyStatement } from '../identity/statement.js'
import type { AgentState } from '../record/agent-state.js'
import { modeEvidence } from './mode-evidence.js'
import { modeStatement } from './mode-statement.js'

/** Numbers of the charter, by the mode that is left. */
const DAYS: Readonly<Record<OperationalMode, number>> = { alpha: 30, beta: 180, omega: Number.POSITIVE_INFINITY }
const LEAST_RATE = 0.95
const LEAST_DECISIONS = 20
/** A signature is good for so long: what people knew when they signed is what is decided on. */
const SIGNATURE_DAYS = 7
const FUTURE_MILLISECONDS = 60_000
const DAY_MILLISECONDS = 24 * 3600 * 1000

/** What people signed for a promotion. */
export interface SignedPromotion {
  readonly reason: string
  readonly at: string
  readonly signatures: readonly Signature[]
}

/** The mode above one; undefined for the highest. */
export function modeAbove(mode: OperationalMode): OperationalMode | undefined {
  return OPERATIONAL_MODES[OPERATIONAL_MODES.indexOf(mode) + 1]
}

/**
 * The gate to the next mode, each condition with what is wanted and what is found. No data is a closed gate.
 * @param signed what people signed; without it the gate waits for that at least
 * @returns undefined in the highest mode
 */
export function modeGate(state: AgentState, now: Date, signed?: SignedPromotion): ModeGate | undefined {
  const from = state.mode.mode
  const to = modeAbove(from)
  if (to === undefined) return undefined
  const evidence = modeEvidence(state)
  const decisions = evidence.approved + evidence.rejected + evidence.timedOut
  const conditions = [
    condition('days', evidence.days >= DAYS[from], `${DAYS[from]} days of operation in ${from}`, `${evidence.days}`),
    condition('sample', decisions >= LEAST_DECISIONS, `${LEAST_DECISIONS} decided proposals`, `${decisions}`),
    condition(
      'approval-rate',
      evidence.approvalRate !== null && evidence.approvalRate >= LEAST_RATE,
      `${LEAST_RATE * 100} % approved`,
      evidence.approvalRate === null ? 'no decision' : `${Math.floor(evidence.approvalRate * 1000) / 10} %`,
    ),
    condition('violations', evidence.violations === 0, 'no violation', `${evidence.violations}`),
    ...(to === 'omega' ? [recommended(state, to, now, signed)] : []),
    authorised(state, to, now, signed),
  ]
  return { from, to, open: conditions.every(({ holds }) => holds), conditions, evidence }
}

function authorised(
  state: AgentState,
  to: OperationalMode,
  now: Date,
  signed: SignedPromotion | undefined,
): GateCondition {
  const signers = signersOf(state, to, now, signed, 'first-citizen')
  return condition('authorisation', signers.length > 0, 'signed by a first citizen', namesOf(signers))
}

/** Every key that may recommend must, and there must be one. */
function recommended(
  state: AgentState,
  to: OperationalMode,
  now: Date,
  signed: SignedPromotion | undefined,
): GateCondition {
  const wanted = [...state.keys.values()].filter(({ roles }) => roles.includes('recommender'))
  const signers = signersOf(state, to, now, signed, 'recommender')
  return condition(
    'recommendation',
    wanted.length > 0 && signers.length === wanted.length,
    wanted.length === 0 ? 'signed by every recommender, of which none is enrolled' : `signed by ${namesOf(wanted)}`,
    namesOf(signers),
  )
}

/** Holders of keys of a role who signed exactly this promotion, lately, and since the mode began. */
function signersOf(
  { keys, vesselId, recordId, mode }: AgentState,
  to: OperationalMode,
  now: Date,
  signed: SignedPromotion | undefined,
  role: KeyRole,
): readonly EnrolledKey[] {
  if (signed === undefined) return []
  const at = Date.parse(signed.at)
  const since = Date.parse(mode.since ?? '')
  const oldest = Math.max(since, now.getTime() - SIGNATURE_DAYS * DAY_MILLISECONDS)
  if (!(at >= oldest && at <= now.getTime() + FUTURE_MILLISECONDS)) return []
  const statement = modeStatement({ vesselId, recordId, from: mode.mode, to, reason: signed.reason, at: signed.at })
  return [...keys.values()].filter(
    (key) =>
      key.roles.includes(role) && signed.signatures.some((signature) => verifyStatement(key, statement, signature)),
  )
}

function namesOf(keys: readonly EnrolledKey[]): string {
  return keys.length === 0 ? 'nobody' : keys.map(({ name }) => name).join(', ')
}

function condition(name: string, holds: boolean, wanted: string, found: string): GateCondition {
  return { condition: name, holds, wanted, found }
}
