import { isJanusError } from '@janus/core'
import { requireDecider } from '../approval/approval-rules.js'
import { decideProposal } from '../approval/decide-proposal.js'
import type { Actor } from '../contract/actor.js'
import type { DecisionAnswer } from '../contract/agent.js'
import type { ExecutionResult } from '../contract/execution.js'
import type { EffectivePermission } from '../contract/mode.js'
import type { ApprovedPlaybook } from '../contract/playbook.js'
import type { ProposalRecord } from '../contract/proposal.js'
import type { Warrant } from '../contract/warrant.js'
import { agentError } from '../errors/agent-error.js'
import { endWithoutRun } from '../executor/execution-result.js'
import { findExecution, type PastExecution } from '../record/find-execution.js'
import { compareFields } from '../warrant/compare-warrant.js'
import { endRollback } from '../warrant/end-rollback.js'
import { obstacleToStart } from '../warrant/obstacle-to-start.js'
import { resolveProposal } from '../warrant/resolve-action.js'
import { rolledBackBefore, startRollback } from '../warrant/start-rollback.js'
import type { LocalAgentContext } from './local-agent-context.js'
import { consumeContext, decisionContext, markOf, requireThawed } from './local-contexts.js'

/** An execution whose rollback was begun because a person asked for it. */
export type AskedRollback = PastExecution & { readonly warrant: Warrant }

/** What an executor needs of the agent besides {@link LocalAgent.consume} and {@link LocalAgent.conclude}. */
export interface ExecutionMethods {
  /** What the agent may do now. */
  permission(): EffectivePermission
  /** Why an approved proposal may not run now, recording nothing; undefined when nothing stands in its way. */
  obstacleTo(proposal: string): string | undefined
  /** Why what a used-up warrant permits may not be started any more, recording nothing; see `obstacleToStart` of warrants. To be asked in the turn of the start. */
  obstacleToStart(warrant: Warrant): string | undefined
  /** Why no rule may approve a proposal now, recording nothing; undefined when one may. */
  obstacleToRule(proposal: string): string | undefined
  /**
   * Approves a proposal without a person, where the rules permit that at this instant.
   * @param source name of the rule, on the record
   * @throws JANUS_AGENT_NOT_PERMITTED with every obstacle; what `decideProposal` throws
   */
  approveByRule(proposal: string, source: string): Promise<DecisionAnswer>
  /** Proposes a step of a playbook that people approved: it is never a repetition. @throws what `proposeAction` throws */
  proposeStep(playbook: ApprovedPlaybook, step: number, by: Actor): Promise<ProposalRecord>
  /** Begins the rollback of what is being executed and has failed, once; see {@link startRollback}. */
  startRollback(warrant: Warrant, by: Actor, because: string): Promise<void>
  /**
   * Begins the rollback of what was executed, because a person asks for it: of a completed one, or of one whose failure or unknown end left it undone; exactly what was
   * approved with the action, in the sandbox profile it was approved under, once.
   * @throws JANUS_AGENT_IDENTITY_REFUSED; JANUS_AGENT_NOT_PERMITTED when none was approved, or nothing may run now; JANUS_AGENT_STALE; JANUS_AGENT_ALREADY_CONSUMED;
   * JANUS_AGENT_TRANSITION_ILLEGAL for what never ran, or still runs
   * @param mayBe looks whether it could be undone, before it counts as begun; throws when not
   */
  askRollback(
    proposal: string,
    by: Actor,
    reason: string,
    mayBe?: (asked: AskedRollback) => Promise<void>,
  ): Promise<AskedRollback>
  /** True when the tool of an action still is declared and configured as it was approved. */
  hasSameTool(record: ProposalRecord, warrant: Warrant): Promise<boolean>
  /** Records how a rollback ended; see {@link endRollback}. */
  endRollback(proposal: string, result: ExecutionResult, by: Actor): Promise<void>
}

/** The methods of the agent in the process that has its record open. */
export function executionMethods(context: LocalAgentContext): ExecutionMethods {
  const { record } = context.local
  const now = (): Date => record.clock.now()
  const obstacle = (id: string, permit: (current: ProposalRecord) => void): string | undefined => {
    const current = record.state.open.get(id)
    if (current === undefined) return 'it is not open'
    try {
      requireThawed(context)
      permit(current)
      return undefined
    } catch (error) {
      if (isJanusError(error)) return error.message
      throw error
    }
  }

  return {
    permission: () => context.parts.permission(record.state, now()),
    obstacleTo: (id) => obstacle(id, (current) => context.parts.permitExecution(record.state, current, now())),
    obstacleToStart: (warrant) => {
      try {
        return obstacleToStart(record, warrant, consumeContext(context))
      } catch (error) {
        if (isJanusError(error)) return error.message
        throw error
      }
    },
    obstacleToRule: (id) => obstacle(id, (current) => context.parts.permitRule(record.state, current, now())),
    approveByRule: async (proposal, source) => {
      requireThawed(context)
      const by: Actor = { kind: 'system', name: source }
      await context.begin(by)
      const digest = record.state.open.get(proposal)?.proposal.digest
      const request = { proposal, decision: 'approve', by, ...(digest === undefined ? {} : { digest }) } as const
      return decideProposal(record, request, decisionContext(context, by))
    },
    proposeStep: async (playbook, step, by) => {
      requireThawed(context)
      await context.begin(by)
      return context.parts.proposeStep(record, playbook, step, by)
    },
    startRollback: async (warrant, by, because) => {
      await startRollback(record, { warrant, by, because, from: ['executing'] })
      await markOrEnd(context, { proposal: warrant.proposalId, by })
    },
    askRollback: (proposal, by, reason, mayBe) => askRollback(context, { proposal, by, reason }, mayBe),
    hasSameTool: async ({ proposal: { id, content } }, { action, notBefore, approvers }) => {
      const automatic = approvers.some(({ kind }) => kind === 'system')
      const alone = { id, content: { ...content, rollback: null } }
      const found = await resolveProposal(alone, notBefore, context.resolving(automatic)).catch((error: unknown) => {
        if (isJanusError(error)) return undefined
        throw error
      })
      return action.kind === 'tool' && found?.action.kind === 'tool' && found.action.manifest === action.manifest
    },
    endRollback: (proposal, result, by) => endRollback(record, { proposal, result, by }),
  }
}

async function askRollback(
  context: LocalAgentContext,
  { proposal, by, reason }: { readonly proposal: string; readonly by: Actor; readonly reason: string },
  mayBe?: (asked: AskedRollback) => Promise<void>,
): Promise<AskedRollback> {
  const { record } = context.local
  requireThawed(context)
  requireDecider(context.rules, by, record.state.keys)
  await context.begin(by)
  const past = await findExecution(record, proposal)
  const { warrant } = past
  if (warrant === undefined) {
    throw agentError('JANUS_AGENT_TRANSITION_ILLEGAL', `${proposal} was never executed: there is nothing to undo`, {
      data: { proposal, status: past.record.status },
    })
  }
  if (past.rollback !== undefined) {
    throw rolledBackBefore(proposal, { at: past.rollback.at, outcome: past.rollback.result?.outcome })
  }
  if (warrant.action.kind !== 'module') await requireSame(context, past.record, warrant)
  await mayBe?.({ ...past, warrant })
  const request = { warrant, by, because: reason, from: ['completed', 'failed', 'unknown'] } as const
  await startRollback(record, request, (state) => {
    requireDecider(context.rules, by, state.keys)
    const profile = context.terms.sandboxProfile(state)
    if (profile !== warrant.sandboxProfile) throw stale(proposal, ['sandboxProfile'])
    context.parts.permitRollback(state, past.record, record.clock.now())
  })
  await markOrEnd(context, { proposal, by })
  return { ...past, warrant }
}

/** Without the mark a backup could be put back and undone once more: then nothing runs. */
async function markOrEnd(
  context: LocalAgentContext,
  { proposal, by }: { readonly proposal: string; readonly by: Actor },
): Promise<void> {
  try {
    await markOf(context)
  } catch (cause) {
    const because = cause instanceof Error ? cause.message : String(cause)
    const summary = `the mark of the record could not be written, so nothing was run: ${because}`
    await endRollback(context.local.record, { proposal, result: endWithoutRun('suspended', { summary }), by })
    throw cause
  }
}

/** What would be run must be what was approved, to the program file. */
async function requireSame(
  context: LocalAgentContext,
  { proposal: { id, content } }: ProposalRecord,
  { rollback, notBefore, approvers }: Warrant,
): Promise<void> {
  if (rollback === null || content.rollback === null) {
    throw agentError('JANUS_AGENT_NOT_PERMITTED', `no rollback was approved with ${id}`, {
      data: { proposal: id },
      remedy: 'Propose what undoes it as an action of its own.',
    })
  }
  const alone = { id, content: { ...content, action: content.rollback, rollback: null } }
  const automatic = approvers.some(({ kind }) => kind === 'system')
  const found = await resolveProposal(alone, notBefore, context.resolving(automatic))
  const fields = compareFields(rollback, found.action, 'rollback').map(({ field }) => field)
  if (fields.length > 0) throw stale(id, fields)
}

function stale(proposal: string, fields: readonly string[]): Error {
  return agentError('JANUS_AGENT_STALE', `not as it was approved for ${proposal}: ${fields.join(', ')}`, {
    data: { proposal, fields: [...fields] },
  })
}
