import {
  isJanusError,
  type JanusError,
  type JsonValue,
  type Plan,
  type TransactionSummary,
  type UndoReport,
} from '@janus/core'
import type { ExecutionResult } from '../contract/execution.js'
import type { ResolvedPlan } from '../contract/warrant.js'
import { agentError } from '../errors/agent-error.js'
import { endWithoutRun } from './execution-result.js'
import type { ExecutorOptions, PlanRunner } from './executor-options.js'
import type { EndedRun } from './run-tool.js'

/** A plan that was approved. */
export interface ApprovedPlan {
  readonly resolved: ResolvedPlan
  readonly plan: Plan
  readonly signal?: AbortSignal | undefined
}

/** A plan that was executed and is to be undone. */
export interface PlanToUndo {
  readonly resolved: ResolvedPlan
  /** How its execution ended, where that is on the record. */
  readonly past: ExecutionResult | undefined
  /** When it was begun, ISO 8601. */
  readonly begunAt: string | undefined
  readonly signal?: AbortSignal | undefined
}

const RECOVER = 'Run `janus recover`, then say what was found with `janus agent proposals reconcile`.'

/**
 * Applies an approved plan as a transaction of core's: verified step by step, undone as a whole when one fails. What can be said of how it ended is told by what core says of
 * undoing; what it says nothing of is not known.
 */
export async function runPlan(
  { plans, stopped, clock }: Pick<ExecutorOptions, 'plans' | 'stopped' | 'clock'>,
  { resolved: { planDigest, accept }, plan, signal }: ApprovedPlan,
): Promise<EndedRun> {
  const begun = clock.monotonic()
  const ended = (
    outcome: ExecutionResult['outcome'],
    told: { readonly code?: string; readonly summary: string },
    details: Readonly<Record<string, JsonValue>>,
  ): ExecutionResult => {
    const seconds = (clock.monotonic() - begun) / 1000
    return endWithoutRun(outcome, { ...told, argv: [planDigest], seconds }, details)
  }
  const held = stopped()
  if (held !== undefined) return { started: false, result: ended('suspended', { code: 'STOPPED', summary: held }, {}) }
  try {
    const report = await plans.apply(plan, { accept, ...(signal === undefined ? {} : { signal }) })
    const { transaction, outcome, steps } = report
    const summary =
      outcome === 'unchanged' ? 'the plan changes nothing' : `${steps.length} steps done and verified, ${transaction}`
    return {
      started: true,
      result: ended('completed', { summary }, { transaction, plan: planDigest, steps: steps.length }),
    }
  } catch (error) {
    if (!isJanusError(error)) throw error
    const { outcome, started } = judgeFailure(error)
    const transaction = typeof error.data.transaction === 'string' ? error.data.transaction : null
    const remedy = outcome === 'unknown' || outcome === 'failed-dirty' ? RECOVER : error.remedy
    const told = { code: error.code, summary: outcome === 'unknown' ? `${error.message}. ${RECOVER}` : error.message }
    return { started, result: ended(outcome, told, { transaction, plan: planDigest, remedy }) }
  }
}

/** Core says of every transaction that it began how undoing it ended. */
function judgeFailure({ code, data }: JanusError): {
  readonly outcome: ExecutionResult['outcome']
  readonly started: boolean
} {
  const undo = data.undo as UndoReport | undefined
  if (undo === undefined) {
    const touched = code === 'JANUS_LEDGER_WRITE_FAILED' || typeof data.transaction === 'string'
    return touched ? { outcome: 'unknown', started: true } : { outcome: 'failed', started: false }
  }
  if (undo.outcome !== 'undone') return { outcome: 'failed-dirty', started: true }
  return { outcome: code === 'JANUS_ABORTED' ? 'suspended' : 'failed', started: true }
}

/** The newest transaction of a plan that was begun since; people may have applied the same plan before. */
export function newestSince(
  history: readonly TransactionSummary[],
  { planDigest }: Pick<ResolvedPlan, 'planDigest'>,
  begunAt: string | undefined,
): TransactionSummary | undefined {
  const since = Date.parse(begunAt ?? '')
  return history.findLast((each) => each.planDigest === planDigest && Date.parse(each.startedAt) >= since)
}

/**
 * The transaction of a plan that was executed: the one that the end of its execution names. Where nobody saw the end it is the newest one of the plan since it was begun.
 * @throws JANUS_AGENT_NOT_PERMITTED when the journal has none that could be undone
 */
export async function transactionOf(
  plans: PlanRunner,
  { resolved, past, begunAt }: PlanToUndo,
): Promise<TransactionSummary> {
  const history = await plans.history()
  const isSeen = past !== undefined && past.outcome !== 'unknown'
  const named = past?.details.transaction
  const found =
    isSeen || typeof named === 'string'
      ? history.find(({ id }) => id === named)
      : newestSince(history, resolved, begunAt)
  if (found?.canRollBack === true) return found
  const why = found === undefined ? 'the journal has no transaction of it' : `${found.id} is ${found.state}`
  throw agentError('JANUS_AGENT_NOT_PERMITTED', `there is nothing to undo: ${why}`, {
    data: { plan: resolved.planDigest },
    remedy: found?.state === 'interrupted' ? RECOVER : 'See `janus history`.',
  })
}

/** Undoes a plan from the journal. */
export async function undoPlan(
  { plans, stopped, clock }: Pick<ExecutorOptions, 'plans' | 'stopped' | 'clock'>,
  undo: PlanToUndo,
): Promise<EndedRun> {
  const begun = clock.monotonic()
  const { planDigest } = undo.resolved
  const ended = (
    outcome: ExecutionResult['outcome'],
    code: string | undefined,
    summary: string,
    transaction: string | null,
  ): EndedRun => ({
    started: true,
    result: endWithoutRun(
      outcome,
      { code, summary, argv: [planDigest], seconds: (clock.monotonic() - begun) / 1000 },
      { transaction, plan: planDigest },
    ),
  })
  const held = stopped()
  if (held !== undefined) return ended('suspended', 'STOPPED', held, null)
  try {
    const { id } = await transactionOf(plans, undo)
    const reports = await plans.rollback({
      transaction: id,
      ...(undo.signal === undefined ? {} : { signal: undo.signal }),
    })
    const incomplete = reports.filter(({ outcome }) => outcome === 'incomplete').map(({ transaction }) => transaction)
    if (incomplete.length === 0) return ended('completed', undefined, `${id} was undone`, id)
    return ended(
      'failed',
      'JANUS_ROLLBACK_INCOMPLETE',
      `not everything of ${incomplete.join(', ')} could be undone`,
      id,
    )
  } catch (error) {
    if (!isJanusError(error)) throw error
    return ended('failed', error.code, error.message, null)
  }
}
