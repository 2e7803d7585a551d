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
 * @returns ids of the proposals that it said or did something about
 */
export async function expireProposals(record: AgentRecord, terms: ExpiryTerms): Promise<readonly string[]> {
  const expired: string[] = []
  for (;;) {
    const some = await expireSome(record, terms)
    expired.push(...some)
    if (some.length < AT_ONCE) return expired
  }
}

/** By what is decided that something has waited too long. */
export interface ExpiryTerms {
  readonly rules: ApprovalRules
  /** Of the running kernel, for the age of approvals. */
  readonly bootId: string | null
}

/** Proposals in one durable step, whose size is limited. */
const AT_ONCE = 1000

function expireSome(record: AgentRecord, { rules, bootId }: ExpiryTerms): Promise<readonly string[]> {
  return record.commit((state) => {
    const now = record.clock.now()
    const monotonic = record.clock.monotonic()
    const events: AgentEvent[] = []
    const ids: string[] = []
    for (const open of state.open.values()) {
      if (ids.length === AT_ONCE) break
      const added =
        open.status === 'proposed'
          ? timedOut(open, rules, now)
          : open.status === 'approved'
            ? expired(state, open, { now, monotonic, bootId })
            : []
      events.push(...added)
      if (added.length > 0) ids.push(open.proposal.id)
    }
    return { events, answer: ids }
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
