import { isJanusError } from '@janus/core'
import type { Actor, Signature } from '../contract/actor.js'
import type { GovernanceChange } from '../contract/governance.js'
import type { ProposalRecord } from '../contract/proposal.js'
import type { Warrant } from '../contract/warrant.js'
import type { AgentEvent } from '../record/agent-event.js'
import type { AgentRecord } from '../record/agent-record.js'
import type { AgentState, ScheduledChange } from '../record/agent-state.js'
import { unobservedResult } from '../record/unobserved-result.js'
import { movedBase, type RulesInForce } from './change-base.js'
import { changeEvents } from './change-events.js'

/** Who speaks for the rules. */
export const GOVERNANCE: Actor = { kind: 'system', name: 'governance' }

/** With what changes are put into effect. */
export interface ApplyContext {
  inForce(state: AgentState): RulesInForce
  /** False: it waits, however long ago it was approved. */
  mayApply(change: GovernanceChange): boolean
  /** Uses the warrant of an approved change up; see `consumeWarrant`. */
  consume(proposal: string, by: Actor): Promise<Warrant>
}

/**
 * Puts the changes of the rules into effect that were approved and whose review time is over. One that does not rest on what is in force any more goes
 * stale; one whose warrant is not good any more has ended so.
 * @returns ids of the proposals that are in effect now
 */
export async function applyDueChanges(record: AgentRecord, context: ApplyContext): Promise<readonly string[]> {
  const now = record.clock.now().getTime()
  const { scheduled, open } = record.state
  // One that is suspended, or that a crash cut off, waits for people.
  const waits = (proposal: string): boolean => (open.get(proposal)?.status ?? 'approved') !== 'approved'
  const due = [...scheduled.values()].filter(
    ({ proposal, effectiveFrom, change }) =>
      Date.parse(effectiveFrom) <= now && !waits(proposal) && context.mayApply(change),
  )
  const applied: string[] = []
  for (const change of due) if (await applyOne(record, change, context)) applied.push(change.proposal)
  return applied
}

async function applyOne(
  record: AgentRecord,
  { proposal, change }: ScheduledChange,
  { inForce, consume }: ApplyContext,
): Promise<boolean> {
  const stale = await record.commit((state) => {
    const moved = movedBase(change, state, inForce(state))
    const events = moved === undefined ? [] : endedStale(state, proposal, moved)
    return { events, answer: moved !== undefined }
  })
  if (stale) return false
  try {
    await consume(proposal, GOVERNANCE)
  } catch (error) {
    // What it was refused for is on the record already, and where the proposal stands now with it.
    if (!isJanusError(error)) throw error
    return false
  }
  await record.commit((state) => {
    const open = state.open.get(proposal)
    const at = record.clock.now().toISOString()
    const because = open?.proposal.content.rationale ?? ''
    const executed: readonly AgentEvent[] =
      open === undefined
        ? []
        : [
            { type: 'execution-ended', payload: { proposal, result: RESULT } },
            {
              type: 'proposal-moved',
              payload: { proposal, revision: open.revision, from: open.status, to: 'completed', by: GOVERNANCE },
            },
          ]
    const events = [
      ...changeEvents(change, state, { by: GOVERNANCE, at, because, signatures: signaturesOf(open) }),
      { type: 'change-applied', payload: { proposal } } as const,
      ...executed,
    ]
    return { events, answer: undefined }
  })
  return true
}

function endedStale(state: AgentState, proposal: string, text: string): readonly AgentEvent[] {
  const open = state.open.get(proposal)
  if (open === undefined || open.status !== 'approved')
    return [{ type: 'change-cancelled', payload: { proposal, by: GOVERNANCE, because: text } }]
  const reason = { code: 'JANUS_AGENT_STALE', text }
  const payload = { proposal, revision: open.revision, from: open.status, to: 'stale', by: GOVERNANCE, reason } as const
  return [{ type: 'proposal-moved', payload }]
}

function signaturesOf(open: ProposalRecord | undefined): readonly Signature[] {
  return (open?.decisions ?? []).flatMap(({ signed }) =>
    signed === undefined ? [] : [{ keyId: signed.keyId, signature: signed.signature }],
  )
}

/** Nothing was run: the change is what was recorded. */
const RESULT = unobservedResult({ outcome: 'completed', summary: 'the change is in effect' })
