import { randomBytes } from 'node:crypto'
import type { Actor } from '../contract/actor.js'
import type { GovernanceChange } from '../contract/governance.js'
import type { Novelty, Proposal, ProposalContent, ProposalRecord } from '../contract/proposal.js'
import type { ToolEntry } from '../contract/tool-entry.js'
import { agentError } from '../errors/agent-error.js'
import type { AgentRecord } from '../record/agent-record.js'
import type { AgentState } from '../record/agent-state.js'
import { commitOrRefuse } from '../record/commit-or-refuse.js'
import { findProposal } from '../record/find-proposal.js'
import { commandOf } from '../risk/command-of.js'
import { computeRisk } from '../risk/compute-risk.js'
import { refusedArgument } from '../risk/refused-arguments.js'
import { checkToolAction } from '../tools/check-tool-action.js'
import { requireConstitutional } from './constitution.js'
import { makeRoom } from './make-room.js'
import { noveltyOf } from './novelty.js'
import { actionDigest, proposalDigest } from './proposal-digest.js'
import { governanceContent, parseProposalDraft } from './proposal-draft.js'

/** By what proposals are made. */
export interface ProposeContext {
  readonly vesselId: string
  /** Tools as they are configured. */
  tool(name: string): ToolEntry | undefined
  /** How many may wait. */
  readonly maxPending: number
  /** Refuses what may not be proposed now. @throws JANUS_AGENT_NOT_PERMITTED */
  permit(state: AgentState): void
  /** Random hexadecimal digits of a new id, twelve. Default: random. */
  newId?(): string
}

/** What is asked for. */
export interface ProposeActionRequest {
  /** As its author wrote it, see `parseProposalDraft`. */
  readonly draft: unknown
  readonly by: Actor
  /** The signed playbook whose step it is: such a proposal is never a repetition. */
  readonly playbook?: { readonly id: string; readonly name: string }
}

/**
 * Proposes an action: its form, the constitution, its risk and its novelty are looked at before anybody reviews it. A repetition is recorded once, as a draft that goes no
 * further. Every refusal is recorded.
 * @throws JANUS_AGENT_PROPOSAL_INVALID with the `rule` in its data; JANUS_AGENT_QUEUE_FULL; JANUS_AGENT_NOT_PERMITTED
 */
export async function proposeAction(
  record: AgentRecord,
  context: ProposeContext,
  { draft, by, playbook }: ProposeActionRequest,
): Promise<ProposalRecord> {
  const id = await commitOrRefuse(record, { by }, (state) => {
    context.permit(state)
    const { saysRollback, ...parsed } = parseProposalDraft(draft)
    const step = playbook === undefined ? {} : { playbook_id: playbook.id, playbook_name: playbook.name }
    const content = { ...parsed, metadata: { ...parsed.metadata, ...step } }
    for (const action of [content.action, content.rollback]) refuseArguments(action, context)
    const proposed = { vesselId: context.vesselId, ...content }
    const risk = computeRisk(proposed, context.tool)
    requireConstitutional({ ...content, saysRollback }, risk)
    return recorded(state, context, proposed, { risk, by, at: record.clock.now() })
  })
  return findProposal(record, id)
}

/**
 * Proposes a change of the rules.
 * @throws JANUS_AGENT_PROPOSAL_INVALID; JANUS_AGENT_QUEUE_FULL
 */
export async function proposeChange(
  record: AgentRecord,
  context: ProposeContext,
  { change, rationale }: { readonly change: GovernanceChange; readonly rationale: string },
  by: Actor,
): Promise<ProposalRecord> {
  const id = await commitOrRefuse(record, { by }, (state) => {
    const content = { ...governanceContent(change, rationale), metadata: {} }
    const proposed = { vesselId: context.vesselId, ...content }
    const risk = computeRisk(proposed, context.tool)
    requireConstitutional({ ...content, saysRollback: true }, risk)
    return recorded(state, context, proposed, { risk, by, at: record.clock.now() })
  })
  return findProposal(record, id)
}

/** What is recorded of a proposal that may be made. */
function recorded(
  state: AgentState,
  { maxPending, newId = randomId }: ProposeContext,
  content: ProposalContent,
  { risk, by, at }: { readonly risk: Proposal['risk']; readonly by: Actor; readonly at: Date },
) {
  const digest = actionDigest(content.action)
  const isPlaybook = typeof content.metadata.playbook_id === 'string'
  const novelty: Novelty = isPlaybook
    ? { score: 1 }
    : noveltyOf({ ...content, actionDigest: digest }, state.recent.values())
  const status = novelty.duplicateOf === undefined ? ('proposed' as const) : ('draft' as const)
  if (status === 'draft') {
    const said = [...state.recent.values()].find(
      (one) => one.status === 'draft' && one.actionDigest === digest && one.rationale === content.rationale,
    )
    if (said !== undefined) return { events: [], answer: said.id }
  }
  const fields = { id: `janus-${newId()}`, proposer: by, content, risk }
  const proposal: Proposal = { ...fields, createdAt: at.toISOString(), digest: proposalDigest(fields), novelty }
  const room = status === 'draft' ? [] : makeRoom(state, maxPending)
  const created = { type: 'proposal-created', payload: { proposal, status } } as const
  return { events: [...room, created], answer: proposal.id }
}

function refuseArguments(action: ProposalContent['action'] | null, { tool }: ProposeContext): void {
  if (action?.kind !== 'tool') return
  const entry = tool(action.tool)
  const refused = refusedArgument(commandOf(action, entry))
  if (refused !== undefined) {
    throw agentError('JANUS_AGENT_PROPOSAL_INVALID', `${action.tool}: ${refused.because}`, {
      data: { rule: refused.rule },
    })
  }
  const checked = entry === undefined ? undefined : checkToolAction(action, entry)
  if (checked === undefined || checked.ok) return
  const { argument, because } = checked.refusal
  throw agentError('JANUS_AGENT_PROPOSAL_INVALID', `${action.tool}: ${argument} ${because}`, {
    data: { rule: 'arguments', argument, because },
  })
}

function randomId(): string {
  return randomBytes(6).toString('hex')
}
