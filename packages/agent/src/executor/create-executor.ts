import { isJanusError } from '@janus/core'
import type { Actor } from '../contract/actor.js'
import type { ExecutionResult } from '../contract/execution.js'
import type { ProposalContent, ProposalStatus } from '../contract/proposal.js'
import type { ResolvedAction, Warrant } from '../contract/warrant.js'
import { agentError } from '../errors/agent-error.js'
import type { DigestCache } from '../warrant/resolve-binary.js'
import { endWithoutRun } from './execution-result.js'
import type { ExecutorOptions } from './executor-options.js'
import { runPlan, transactionOf, undoPlan } from './run-plan.js'
import { type EndedRun, runTool } from './run-tool.js'

/** What was executed and how it ended. */
export interface Execution {
  readonly proposal: string
  /** Where its proposal stands now. */
  readonly status: ProposalStatus
  readonly result: ExecutionResult
}

/** Executes what was approved. */
export interface ToolExecutor {
  /**
   * Executes an approved proposal, once: uses its warrant up, runs exactly what it says, undoes what failed with the rollback that was approved, and records how
   * it ended. When it rejects before anything was started the proposal stands where the record says.
   * @param options.signal ends the run
   * @throws JANUS_AGENT_NOT_PERMITTED while everything is stopped; what `consume` throws; JANUS_LEDGER_WRITE_FAILED when the end cannot be recorded
   */
  execute(proposal: string, by: Actor, options?: { readonly signal?: AbortSignal }): Promise<Execution>
  /**
   * Runs the rollback of what was executed, because a person asks for it, once.
   * @throws JANUS_AGENT_NOT_PERMITTED while everything is stopped; what `askRollback` throws
   */
  rollback(
    proposal: string,
    by: Actor,
    reason: string,
    options?: { readonly signal?: AbortSignal },
  ): Promise<{ readonly result: ExecutionResult }>
}

/** Makes the executor of an agent. Nothing is started before it is asked. */
export function createExecutor(options: ExecutorOptions): ToolExecutor {
  const { agent } = options
  const digests: DigestCache = new Map()

  const run = (
    warrant: Warrant,
    action: ResolvedAction,
    content: ProposalContent,
    signal: AbortSignal | undefined,
  ): Promise<EndedRun> => {
    const proposal = warrant.proposalId
    switch (action.kind) {
      case 'tool': {
        const given = { proposal, resolved: action, signal, digests }
        // Nobody said what to expect of a rollback, and it was permitted when it was begun.
        if (action === warrant.rollback) return runTool(options, { ...given, expected: '' })
        const obstacle = (): string | undefined => agent.obstacleToStart(warrant)
        return runTool(options, { ...given, expected: content.expectedOutcome, obstacle })
      }
      case 'module':
        if (content.action.kind !== 'module') throw new Error(`${proposal} has no plan`)
        return runPlan(options, { resolved: action, plan: content.action.plan, signal })
      case 'governance':
        throw new Error('a change of the rules is put into effect, not executed')
    }
  }

  /** What failed is undone at once, unless everything is stopped: then a person may ask for it. */
  const undo = async (
    warrant: Warrant,
    content: ProposalContent,
    failed: ExecutionResult,
    by: Actor,
    signal?: AbortSignal,
  ) => {
    const { rollback } = warrant
    if (rollback === null) return failed
    const held = options.stopped() ?? (signal?.aborted === true ? 'the run was cancelled' : undefined)
    if (held !== undefined) return withRollback(failed, 'failed', { outcome: 'not-run', summary: held })
    await agent.startRollback(warrant, by, failed.summary)
    const { result } = await run(warrant, rollback, content, signal)
    await agent.endRollback(warrant.proposalId, result, by)
    const outcome = result.outcome === 'completed' ? 'failed' : result.outcome === 'failed' ? 'failed-dirty' : 'unknown'
    return withRollback(failed, outcome, result)
  }

  /** What nobody saw the end of has an end all the same: it is unknown. */
  const seen = async (work: () => Promise<ExecutionResult>): Promise<ExecutionResult> => {
    const begun = options.clock.monotonic()
    try {
      return await work()
    } catch (error) {
      const seconds = (options.clock.monotonic() - begun) / 1000
      return endWithoutRun('unknown', { code: 'NOT_SEEN', summary: messageOf(error), seconds })
    }
  }

  const perform = (warrant: Warrant, content: ProposalContent, by: Actor, signal?: AbortSignal) =>
    seen(async () => {
      const { started, result } = await run(warrant, warrant.action, content, signal)
      return started && result.outcome === 'failed' ? undo(warrant, content, result, by, signal) : result
    })

  const requireRunning = (): void => {
    const stopped = options.stopped()
    if (stopped !== undefined) throw agentError('JANUS_AGENT_NOT_PERMITTED', `nothing is started: ${stopped}`)
  }

  return {
    execute: async (proposal, by, { signal } = {}) => {
      requireRunning()
      signal?.throwIfAborted()
      const content = agent.record.state.open.get(proposal)?.proposal.content
      if (content?.action.kind === 'governance') {
        throw agentError(
          'JANUS_AGENT_TRANSITION_ILLEGAL',
          `${proposal} changes the rules: it takes effect when it is due`,
        )
      }
      const warrant = await agent.consume(proposal, by)
      if (content === undefined) throw new Error(`${proposal} was consumed and is not open`)
      const result = await perform(warrant, content, by, signal)
      const status = await agent.conclude(proposal, result, by)
      return { proposal, status, result }
    },
    rollback: async (proposal, by, reason, { signal } = {}) => {
      requireRunning()
      const {
        warrant,
        record,
        result: past,
        begunAt,
      } = await agent.askRollback(proposal, by, reason, async ({ warrant: { action: resolved }, ...asked }) => {
        if (resolved.kind !== 'module') return
        await transactionOf(options.plans, { resolved, past: asked.result, begunAt: asked.begunAt })
      })
      const { content } = record.proposal
      const { rollback, action } = warrant
      const result = await seen(async () => {
        const ended = await (action.kind === 'module'
          ? undoPlan(options, { resolved: action, past, begunAt, signal })
          : run(warrant, rollback ?? action, content, signal))
        return ended.result
      })
      await agent.endRollback(proposal, result, by)
      return { result }
    },
  }
}

function withRollback(
  failed: ExecutionResult,
  outcome: ExecutionResult['outcome'],
  rollback: Pick<ExecutionResult, 'summary' | 'code'> & { readonly outcome: string },
): ExecutionResult {
  const { summary, code } = rollback
  const how: Readonly<Record<string, string>> = {
    completed: 'its rollback undid it',
    failed: `its rollback failed too: ${summary}`,
    'not-run': `its rollback was not run: ${summary}`,
  }
  const told = how[rollback.outcome] ?? `how its rollback ended is not known: ${summary}`
  return {
    ...failed,
    outcome,
    summary: `${failed.summary}; ${told}`,
    details: {
      ...failed.details,
      rollback: { outcome: rollback.outcome, summary, ...(code === undefined ? {} : { code }) },
    },
  }
}

function messageOf(error: unknown): string {
  if (isJanusError(error)) return `${error.message} (${error.code})`
  return error instanceof Error ? error.message : String(error)
}
