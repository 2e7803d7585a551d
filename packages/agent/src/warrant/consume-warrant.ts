import { isJanusError, type JanusError, type JsonValue } from '@janus/core'
import { notOpen } from '../approval/already-decided.js'
import type { Actor } from '../contract/actor.js'
import type { Proposal, ProposalRecord } from '../contract/proposal.js'
import type { ResolvedAction, Warrant } from '../contract/warrant.js'
import { agentError } from '../errors/agent-error.js'
import type { AgentEvent } from '../record/agent-event.js'
import type { AgentRecord, Commit } from '../record/agent-record.js'
import type { AgentState } from '../record/agent-state.js'
import { commitOrRefuse, type Refused } from '../record/commit-or-refuse.js'
import { changesSinceApproval } from './changes-since-approval.js'
import { compareFields, type Difference } from './compare-warrant.js'
import type { WarrantTerms } from './issue-warrant.js'
import { hasExpired } from './warrant-age.js'

/** What a warrant is honoured with. */
export interface ConsumeContext {
  readonly terms: WarrantTerms
  /**
   * Resolves what the proposal would run now.
   * @param approved when it was approved, and by whom: what was to be counted from then still is
   * @throws a JanusError when it cannot be resolved any more
   */
  resolve(
    proposal: Proposal,
    approved: Pick<Warrant, 'notBefore' | 'approvers'>,
  ): Promise<{ readonly action: ResolvedAction; readonly rollback: ResolvedAction | null }>
  /** True when this approver could still approve: enrolled, listed. */
  isApprover(state: AgentState, actor: Actor): boolean
  /** Throws when the policy, the mode or a control does not let it run now; it stays approved. */
  permit(state: AgentState, record: ProposalRecord): void
  /** Notes outside the record how far it has come, before anything runs; see `writeHighWaterMark`. */
  mark?(record: AgentRecord): Promise<void>
}

/**
 * Uses the warrant of an approved proposal up, at the moment of its execution: resolves everything again, compares it field by field with what was approved,
 * and in one durable step consumes the nonce and moves the proposal to `executing`. When it returns, the caller may start the program, once.
 * @returns the warrant: what may run, exactly
 * @throws JANUS_AGENT_STALE with the names of the fields that differ, JANUS_AGENT_EXPIRED: the proposal has ended so; JANUS_AGENT_ALREADY_CONSUMED;
 * JANUS_AGENT_TRANSITION_ILLEGAL for what is not approved; JANUS_AGENT_PROPOSAL_NOT_FOUND; what `permit` throws
 */
export async function consumeWarrant(
  record: AgentRecord,
  { proposal: id, by }: { readonly proposal: string; readonly by: Actor },
  context: ConsumeContext,
): Promise<Warrant> {
  const asked = { by, proposal: id }
  const open = record.state.open.get(id)
  if (open === undefined) return refuseEnded(record, asked)
  const warrant = warrantOf(record.state, open)
  const found = warrant === undefined ? undefined : await resolveAgain(context, open, warrant)
  const consumed = await commitOrRefuse(record, asked, (state): Commit<Warrant> | Refused => {
    const current = state.open.get(id)
    if (current === undefined || current.status !== 'approved') throw notApproved(state, id)
    const approved = warrantOf(state, current)
    if (approved === undefined || approved.nonce !== warrant?.nonce) {
      return ended(current, 'stale', by, stale(id, [{ field: 'proposalId', approved: id, found: 'no warrant for it' }]))
    }
    const now = record.clock.now()
    const monotonic = record.clock.monotonic()
    const { greatestAt } = state
    if (hasExpired(approved, { now, monotonic, greatestAt, bootId: context.terms.bootId })) {
      return ended(current, 'expired', by, expired(approved))
    }
    const differences = [
      ...changesSinceApproval(state, current, approved, context, now),
      ...(found?.differences(approved) ?? []),
    ]
    if (differences.length > 0) return ended(current, 'stale', by, stale(id, differences))
    requireEffective(approved, { now, monotonic, bootId: context.terms.bootId })
    context.permit(state, current)
    return {
      events: [
        { type: 'warrant-consumed', payload: { nonce: approved.nonce, proposal: id } },
        {
          type: 'proposal-moved',
          payload: { proposal: id, revision: current.revision, from: 'approved', to: 'executing', by },
        },
      ],
      answer: approved,
    }
  })
  await markOrFail(record, asked, context)
  return consumed
}

/** A change of the rules is not made before its review time is over, by both clocks where they can be compared. */
function requireEffective(
  { action, proposalId, notBefore, bootId, monotonic }: Warrant,
  clocks: { readonly now: Date; readonly monotonic: number; readonly bootId: string | null },
): void {
  if (action.kind !== 'governance') return
  const effective = Date.parse(action.effectiveFrom)
  const lived = clocks.monotonic - monotonic >= effective - Date.parse(notBefore)
  if (clocks.now.getTime() >= effective && (lived || bootId === null || bootId !== clocks.bootId)) return
  throw agentError('JANUS_AGENT_NOT_PERMITTED', `${proposalId} is under review until ${action.effectiveFrom}`, {
    data: { proposal: proposalId, effectiveFrom: action.effectiveFrom },
  })
}

interface Found {
  differences(approved: Warrant): readonly Difference[]
}

async function resolveAgain(context: ConsumeContext, { proposal }: ProposalRecord, warrant: Warrant): Promise<Found> {
  try {
    const { action, rollback } = await context.resolve(proposal, warrant)
    return {
      differences: (approved) => [
        ...compareFields(approved.action, action, 'action'),
        ...compareFields(approved.rollback, rollback, 'rollback'),
      ],
    }
  } catch (error) {
    if (!isJanusError(error)) throw error
    return { differences: ({ action }) => [{ field: 'action', approved: action, found: error.message }] }
  }
}

function warrantOf(state: AgentState, { status, warrant }: ProposalRecord): Warrant | undefined {
  return status === 'approved' && warrant !== undefined ? state.warrants.get(warrant) : undefined
}

function notApproved(state: AgentState, id: string): JanusError {
  const current = state.open.get(id)
  if (current?.warrant !== undefined && state.consumed.has(current.warrant)) return alreadyConsumed(id, current.status)
  const status = current?.status ?? state.ended.get(id)?.status ?? 'not open'
  return agentError('JANUS_AGENT_TRANSITION_ILLEGAL', `the proposal ${id} is ${status}, not approved`, {
    data: { proposal: id, from: status, to: 'executing' },
  })
}

const RAN: ReadonlySet<string> = new Set(['completed', 'failed'])

async function refuseEnded(
  record: AgentRecord,
  asked: { readonly by: Actor; readonly proposal: string },
): Promise<never> {
  const settled = await notOpen(record, asked.proposal)
  const status = String(settled.data.status)
  const error = RAN.has(status) ? alreadyConsumed(asked.proposal, status) : settled
  return commitOrRefuse(record, asked, () => ({ refused: error, events: [] }))
}

function alreadyConsumed(id: string, status: string): JanusError {
  return agentError('JANUS_AGENT_ALREADY_CONSUMED', `the warrant of ${id} was used up: the proposal is ${status}`, {
    data: { proposal: id, status },
  })
}

function stale(proposal: string, differences: readonly Difference[]): JanusError {
  const fields = [...new Set(differences.map(({ field }) => field))]
  return agentError('JANUS_AGENT_STALE', `not as it was approved for ${proposal}: ${fields.join(', ')}`, {
    data: { proposal, fields, differences: differences as unknown as JsonValue },
  })
}

function expired({ proposalId, notBefore, expires }: Warrant): JanusError {
  return agentError(
    'JANUS_AGENT_EXPIRED',
    `the approval of ${proposalId} from ${notBefore} was good until ${expires}`,
    {
      data: { proposal: proposalId, expires },
    },
  )
}

function ended(current: ProposalRecord, to: 'expired' | 'stale', by: Actor, error: JanusError): Refused {
  const { proposal, revision } = current
  const reason = { code: error.code, text: error.message }
  const moved: AgentEvent = {
    type: 'proposal-moved',
    payload: { proposal: proposal.id, revision, from: 'approved', to, by, reason },
  }
  return { refused: error, events: [moved] }
}

/** Without the mark a backup could be put back and run once more: then nothing runs. */
async function markOrFail(
  record: AgentRecord,
  { by, proposal: id }: { readonly by: Actor; readonly proposal: string },
  { mark }: ConsumeContext,
): Promise<void> {
  try {
    await mark?.(record)
  } catch (cause) {
    const text = `the mark of the record could not be written: ${cause instanceof Error ? cause.message : String(cause)}`
    await record.commit((state) => {
      const current = state.open.get(id)
      if (current?.status !== 'executing') return { events: [], answer: undefined }
      const payload = {
        proposal: id,
        revision: current.revision,
        from: 'executing',
        to: 'failed',
        by,
        reason: { text },
      } as const
      return { events: [{ type: 'proposal-moved', payload }], answer: undefined }
    })
    throw cause
  }
}
