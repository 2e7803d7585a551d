import { type ApprovalRules, approvalsNeeded, approvalsOf } from '../approval/approval-rules.js'
import type { Action } from '../contract/action.js'
import type { EnrolledKey } from '../contract/actor.js'
import type { ListRequest, ProposalRow, Watching, WatchRequest } from '../contract/agent.js'
import { PROPOSAL_STATUSES, type ProposalRecord, type ProposalStatus } from '../contract/proposal.js'
import { ENDS } from '../proposal/transition-table.js'
import type { RecordedEvent } from '../record/agent-event.js'
import type { AgentRecord } from '../record/agent-record.js'
import { findProposals } from '../record/find-proposal.js'

const DEFAULT_LIMIT = 50
/** Ended proposals are looked for among so many, the newest. */
const MOST_SEARCHED = 10_000

/** A proposal in one line. */
export function proposalRow(
  record: ProposalRecord,
  rules: ApprovalRules,
  keys: ReadonlyMap<string, EnrolledKey>,
): ProposalRow {
  const { proposal, status, reason, updatedAt, timedOutAt } = record
  const { content, risk, digest, id, createdAt } = proposal
  return {
    id,
    status,
    actionType: content.actionType,
    risk: risk.level,
    source: sourceOf(content.action),
    rationale: content.rationale,
    digest,
    createdAt,
    updatedAt,
    timedOut: timedOutAt !== undefined,
    approvals: approvalsOf(record, keys),
    approvalsNeeded: approvalsNeeded(rules, record),
    ...(reason === undefined ? {} : { reason }),
  }
}

/** Name of the tool, id of the module, or subject of the change. */
export function sourceOf(action: Action): string {
  if (action.kind === 'tool') return action.tool
  return action.kind === 'module' ? action.plan.module.id : action.change.subject
}

/** Proposals in one line each, the newest first. The record is read through only when ended ones are wanted. */
export async function listProposals(
  record: AgentRecord,
  { statuses, source, limit = DEFAULT_LIMIT }: ListRequest,
  rules: ApprovalRules,
): Promise<readonly ProposalRow[]> {
  const wanted = new Set<ProposalStatus>(statuses ?? PROPOSAL_STATUSES.filter((status) => status !== 'draft'))
  const found = new Map<string, ProposalRecord>()
  if ([...wanted].some((status) => ENDS.has(status) || status === 'draft')) {
    for (const [id, each] of await findProposals(record, () => true, MOST_SEARCHED)) found.set(id, each)
  }
  for (const [id, each] of record.state.open) if (!found.has(id)) found.set(id, each)
  return [...found.values()]
    .filter(
      ({ status, proposal }) =>
        wanted.has(status) && (source ?? sourceOf(proposal.content.action)) === sourceOf(proposal.content.action),
    )
    .sort((one, other) => compare(other.proposal.createdAt, one.proposal.createdAt))
    .slice(0, limit)
    .map((each) => proposalRow(each, rules, record.state.keys))
}

/** Tells of each proposal that is created, decided, moved or waits too long, from now on. */
export function watchProposals(
  record: AgentRecord,
  { source }: WatchRequest,
  rules: ApprovalRules,
  onChange: (row: ProposalRow) => void,
): Watching {
  // What has just ended is not in the state any more.
  const known = new Map(record.state.open)
  let end: () => void = () => undefined
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const unwatch = record.watch((event) => {
    const changed = changedBy(event, known, record)
    if (changed === undefined) return
    const { id, content } = changed.proposal
    if (ENDS.has(changed.status)) known.delete(id)
    else known.set(id, changed)
    if ((source ?? sourceOf(content.action)) === sourceOf(content.action))
      onChange(proposalRow(changed, rules, record.state.keys))
  })
  return {
    ended,
    close: () => {
      unwatch()
      end()
    },
  }
}

function changedBy(
  event: RecordedEvent,
  known: ReadonlyMap<string, ProposalRecord>,
  record: AgentRecord,
): ProposalRecord | undefined {
  switch (event.type) {
    case 'proposal-created': {
      const { proposal, status } = event.payload
      const fresh = { proposal, status, revision: 1, decisions: [], proposedAt: event.at, updatedAt: event.at }
      return record.state.open.get(proposal.id) ?? fresh
    }
    case 'proposal-moved': {
      const { proposal, to, reason } = event.payload
      const before = known.get(proposal)
      if (!ENDS.has(to)) return record.state.open.get(proposal) ?? before
      return before && { ...before, status: to, updatedAt: event.at, ...(reason === undefined ? {} : { reason }) }
    }
    case 'proposal-decided':
    case 'proposal-timed-out':
      return record.state.open.get(event.payload.proposal)
    default:
      return undefined
  }
}

function compare(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
