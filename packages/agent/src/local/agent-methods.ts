import { isJanusError, type JsonValue } from '@janus/core'
import { verifySegmentedLedger } from '@janus/core/ledger'
import { nameOf } from '../approval/already-decided.js'
import { approvalsNeeded, requireDecider } from '../approval/approval-rules.js'
import { decideProposal } from '../approval/decide-proposal.js'
import { type MoveOptions, moveProposal } from '../approval/move-proposal.js'
import { samePerson } from '../approval/same-person.js'
import type { Agent, AgentStatus, Caller, ReasonRequest, ReviewAnswer, ReviewRequest } from '../contract/agent.js'
import type { ProposalRecord, ProposalStatus } from '../contract/proposal.js'
import { agentError } from '../errors/agent-error.js'
import type { AgentState } from '../record/agent-state.js'
import { findProposal } from '../record/find-proposal.js'
import { showProposal } from '../record/show-proposal.js'
import { reviewCard } from '../review/review-card.js'
import { type ResolvedProposal, resolveProposal } from '../warrant/resolve-action.js'
import { enrolKey, revokeKey } from './key-methods.js'
import type { LocalAgentContext } from './local-agent-context.js'
import { decisionContext, requireThawed } from './local-contexts.js'
import { listProposals, sourceOf, watchProposals } from './proposal-rows.js'
import { resumeAgent } from './resume-agent.js'
import { thawRecord } from './thaw-record.js'

/** The agent as one caller may use it, in the process that has the record open. */
export function agentMethods(context: LocalAgentContext, caller: Caller): Agent {
  const { local } = context
  const { record } = local
  const { actor } = caller

  /** Before anything is changed. */
  const begin = async (): Promise<void> => {
    requireThawed(context)
    await context.begin(actor)
  }

  const mayDecide = (state: AgentState): void => requireDecider(context.rules, actor, state.keys)
  const mayCancel = (state: AgentState, { proposal }: ProposalRecord): void => {
    if (!samePerson(proposal.proposer, actor, state.keys)) mayDecide(state)
  }

  const move = async (
    { proposal, reason }: ReasonRequest,
    to: ProposalStatus,
    permit: NonNullable<MoveOptions['permit']> = mayDecide,
  ): Promise<ProposalRecord> => {
    await begin()
    await moveProposal(record, { proposal, to, by: actor, reason: { text: reason } }, { permit })
    return findProposal(record, proposal)
  }

  return {
    via: 'record',
    propose: async ({ draft }) => {
      await begin()
      return context.parts.propose(record, draft, actor)
    },
    list: (request) => listProposals(record, request, context.rules),
    show: ({ proposal }) => showProposal(record, proposal),
    review: (request) => review(context, request),
    approve: async (request) => {
      await begin()
      return decideProposal(record, { ...request, decision: 'approve', by: actor }, decisionContext(context, actor))
    },
    reject: async (request) => {
      await begin()
      return decideProposal(record, { ...request, decision: 'reject', by: actor }, decisionContext(context, actor))
    },
    cancel: (request) => move(request, 'cancelled', mayCancel),
    resubmit: (request) => move(request, 'proposed'),
    reconcile: ({ outcome, ...request }) => move(request, outcome),
    rollback: async ({ proposal, reason }) => {
      await begin()
      const executor = context.executor()
      if (executor === undefined) {
        throw agentError('JANUS_AGENT_NOT_PERMITTED', 'nothing is executed here, so nothing is rolled back', {
          remedy: 'Start the agent: a rollback runs in its sandbox.',
        })
      }
      const { result } = await executor.rollback(proposal, actor, reason)
      return { record: await findProposal(record, proposal), result }
    },
    think: async () => {
      if (!caller.owner) requireDecider(context.rules, actor, record.state.keys)
      await begin()
      return context.thinking().think()
    },
    status: () => status(context),
    showMode: async () => context.parts.showMode(record),
    promoteMode: async (request) => {
      await begin()
      return context.parts.promoteMode(record, request, caller)
    },
    demoteMode: async (request) => {
      requireDecider(context.rules, actor, record.state.keys)
      await begin()
      return context.parts.demoteMode(record, request, caller)
    },
    explainPolicy: async ({ draft, policy }) =>
      context.parts.explain(record.state, draft, policy as JsonValue | undefined, record.clock.now()),
    proposeChange: async ({ change, rationale }) => {
      await begin()
      return context.parts.proposeChange(record, change, rationale, actor)
    },
    showRules: async () => context.parts.showRules(record.state),
    listKeys: async () => [...record.state.keys.values()],
    enrolKey: async (request) => {
      await begin()
      return enrolKey(context, request, caller)
    },
    revokeKey: async (request) => {
      await begin()
      return revokeKey(context, request, caller)
    },
    verifyRecord: async () => {
      const { records, lastSeq, lastHash, damage } = await verifySegmentedLedger(local.directory)
      const problem = damage === undefined ? null : `segment ${damage.segment}, line ${damage.line}: ${damage.reason}`
      return { intact: damage === undefined, records, lastSeq, lastHash, damage: problem }
    },
    thaw: async (request) => {
      await thawRecord(context, request, caller)
      return status(context)
    },
    stop: async ({ reason }) => {
      requireDecider(context.rules, actor, record.state.keys)
      return context.emergency.stopEverything({ kind: 'command', summary: reason, by: actor })
    },
    resume: async (request) => {
      await begin()
      await resumeAgent(context, request, caller)
      return status(context)
    },
    resetRelief: async ({ reason }) => {
      requireDecider(context.rules, actor, record.state.keys)
      if (context.resetRelief === undefined || context.controls?.().relief?.stage !== 'critical')
        throw agentError(
          'JANUS_AGENT_TRANSITION_ILLEGAL',
          'the relief valve is not critical: there is nothing to reset',
          { remedy: 'See in which stage it is: `janus agent status`.' },
        )
      context.resetRelief(`${nameOf(actor)}: ${reason}`)
      return status(context)
    },
    watch: async (request, onChange) => watchProposals(record, request, context.rules, onChange),
    close: async () => undefined,
  }
}

/** What a reviewer reads; what stands in the way is said, not thrown. */
async function review(
  context: LocalAgentContext,
  { proposal: id, program = 'janus agent' }: ReviewRequest,
): Promise<ReviewAnswer> {
  const { local, rules, parts, resolving } = context
  const { record } = local
  const found = await findProposal(record, id)
  const now = record.clock.now()
  const problems: string[] = []
  const frozen = context.frozen()
  if (frozen !== undefined) problems.push(`The record is frozen: ${frozen}`)
  const resolved = await attempt(problems, () =>
    resolveProposal(found.proposal, now.toISOString(), { ...resolving(false), digests: context.digests }),
  )
  if (found.status === 'proposed') {
    const nobody = { kind: 'system', name: 'review' } as const
    await attempt(problems, async () => parts.permitApproval(record.state, found, nobody, now))
  }
  const { action, rollback }: ResolvedProposal | { action: null; rollback: null } = resolved ?? {
    action: null,
    rollback: null,
  }
  const needed = approvalsNeeded(rules, found)
  return {
    record: found,
    card: reviewCard({ record: found, action, rollback, problems, approvalsNeeded: needed, program }),
    action,
    rollback,
    problems,
    approvalsNeeded: needed,
    vesselId: record.state.vesselId,
    recordId: record.state.recordId,
  }
}

async function attempt<Answer>(problems: string[], work: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await work()
  } catch (error) {
    if (!isJanusError(error)) throw error
    problems.push(`${error.code}: ${error.message}`)
    return undefined
  }
}

async function status(context: LocalAgentContext): Promise<AgentStatus> {
  const { local, parts, purpose, controls } = context
  const { state, clock } = local.record
  const because = context.emergency.standing()
  const pending = [...state.open.values()]
    .filter((each) => each.status === 'proposed')
    .map(({ proposedAt }) => proposedAt)
  const obstacles = await context.thinking().obstacles()
  return {
    // A record that is not there yet is that of the configured vessel.
    vesselId: state.vesselId === '' ? context.terms.vesselId : state.vesselId,
    recordId: state.recordId,
    frozen: context.frozen() ?? null,
    emergency: because === undefined ? null : { because, stop: state.stopped ?? null },
    process: { pid: process.pid, since: context.openedAt, purpose },
    mode: state.mode.mode,
    permission: parts.permission(state, clock.now()),
    counts: state.counts,
    oldestPending: pending.sort()[0] ?? null,
    violations: state.violations.total,
    scheduled: [...state.scheduled.values()].map(({ proposal, change, effectiveFrom }) => ({
      proposal,
      subject: sourceOf({ kind: 'governance', change }),
      effectiveFrom,
    })),
    lastSeq: state.lastSeq,
    lastAt: state.lastAt ?? null,
    checkpoint: state.checkpoint === undefined ? null : { size: state.checkpoint.size, at: state.checkpoint.at },
    ...(obstacles === undefined ? {} : { obstacles }),
    viewProblems: await context.viewProblems(),
    ...(controls === undefined ? {} : { controls: controls() }),
    daemon: context.daemon(),
  }
}
