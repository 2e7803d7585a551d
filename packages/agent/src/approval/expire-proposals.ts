import type { Actor } from '../contract/actor.js'
import type { ProposalRecord } from '../contract/proposal.js'
import type { AgentEvent } from '../record/agent-event.js'
import type { AgentRecord } from '../record/agent-record.js'
import type { AgentState } from '../record/agent-state.js'
import { hasExpired } from '../warrant/warrant-age.js'
import type { ApprovalRules } from './approval-rules.js'

/** Who speaks for the clock. */
const TIMEOUT: Actor = { kind: 'system', name: 'approval-timeout' }

/**
 * Looks at everything that waits: says once that a proposal has waited too long, rejects it where that is configured, and lets go of approvals that were
 * not used in time. To be called every minute or so; calling it twice changes nothing.
 * @param bootId of the running kernel, for the age of approvals
 * @returns ids of the proposals that it said or did something about
 */
export function expireProposals(
  record: AgentRecord,
  { rules, bootId }: { readonly rules: ApprovalRules; readonly bootId: string | null },
): Promise<readonly string[]> {
  return record.commit((state) => {
    const now = record.clock.now()
    const monotonic = record.clock.monotonic()
    const events: AgentEvent[] = []
    for (const open of state.open.values()) {
      if (open.status === 'proposed') events.push(...timedOut(open, rules, now))
      else if (open.status === 'approved') events.push(...expired(state, open, { now, monotonic, bootId }))
    }
    return { events, answer: [...new Set(events.map(proposalOf))] }
  })
}

function timedOut(open: ProposalRecord, rules: ApprovalRules, now: Date): readonly AgentEvent[] {
  const { proposal, revision, proposedAt, timedOutAt } = open
  const ageSeconds = Math.floor((now.getTime() - Date.parse(proposedAt)) / 1000)
  if (ageSeconds < rules.timeoutSeconds) return []
  const alert: readonly AgentEvent[] =
    timedOutAt === undefined ? [{ type: 'proposal-timed-out', payload: { proposal: proposal.id, ageSeconds } }] : []
  if (!rules.autoReject) return alert
  const reason = {
    code: 'JANUS_AGENT_TIMED_OUT',
    text: `Timeout: nobody decided within ${rules.timeoutSeconds / 3600} hours`,
  }
  return [
    ...alert,
    {
      type: 'proposal-moved',
      payload: { proposal: proposal.id, revision, from: 'proposed', to: 'rejected', by: TIMEOUT, reason },
    },
  ]
}

function expired(
  state: AgentState,
  { proposal, revision, warrant: nonce }: ProposalRecord,
  clock: { readonly now: Date; readonly monotonic: number; readonly bootId: string | null },
): readonly AgentEvent[] {
  const warrant = nonce === undefined ? undefined : state.warrants.get(nonce)
  if (warrant === undefined || !hasExpired(warrant, { ...clock, greatestAt: state.greatestAt })) return []
  const reason = { code: 'JANUS_AGENT_EXPIRED', text: `the approval was good until ${warrant.expires}` }
  return [
    {
      type: 'proposal-moved',
      payload: { proposal: proposal.id, revision, from: 'approved', to: 'expired', by: TIMEOUT, reason },
    },
  ]
}

function proposalOf({ payload }: AgentEvent): string {
  return (payload as { readonly proposal: string }).proposal
}
