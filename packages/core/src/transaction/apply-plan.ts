import type { ApplyOptions } from '../contract/janus.js'
import type { Plan } from '../contract/plan.js'
import type { ApplyReport, StepReport, TransactionActor, UndoReport } from '../contract/transaction.js'
import type { JanusErrorCode } from '../errors/codes.js'
import { isJanusError, type JanusError, janusError } from '../errors/janus-error.js'
import { subjectsOf } from '../plan/subjects.js'
import { performStep } from './perform-step.js'
import type { StepRecord } from './read-transactions.js'
import { requireFit } from './require-fit.js'
import type { TransactionContext } from './transaction-context.js'
import { undoSteps } from './undo-steps.js'

/** Who applies, with which version: recorded with the transaction. */
export interface ApplyAuthor {
  readonly actor: TransactionActor
  readonly janusVersion: string
}

/**
 * Executes exactly this plan: every step is journaled before it is performed and verified after it; any failure undoes
 * what was done, in reverse.
 * @throws JANUS_PLAN_STALE, JANUS_LOSS_NOT_ACCEPTED before anything is touched; JANUS_STEP_FAILED, JANUS_VERIFY_FAILED,
 *   JANUS_STEP_TIMEOUT, JANUS_ABORTED after what was done has been undone; JANUS_ROLLBACK_INCOMPLETE when it could not
 *   be; JANUS_LEDGER_WRITE_FAILED with nothing further touched
 */
export async function applyPlan(
  context: TransactionContext,
  plan: Plan,
  author: ApplyAuthor,
  options: ApplyOptions,
): Promise<ApplyReport> {
  await requireFit(context.machine, plan, options.accept ?? [])
  const { id, journal, process, bootId } = context
  const accepted = [...(options.accept ?? [])]
  await journal.record('transaction-begin', {
    id,
    schema: 1,
    plan,
    process,
    accepted,
    ...author,
    ...(bootId === undefined ? {} : { bootId }),
  })
  context.emit('transaction:started', { transaction: id, steps: plan.changes.length })

  const steps = new Map<number, StepRecord>()
  const reports: StepReport[] = []
  try {
    for (const [step, change] of plan.changes.entries()) {
      if (options.signal?.aborted === true)
        throw janusError('JANUS_ABORTED', `cancelled before step ${step + 1} of ${plan.changes.length}`)
      reports.push(await performStep(context, step, change, steps))
    }
    if (options.signal?.aborted === true)
      throw janusError('JANUS_ABORTED', `cancelled in step ${plan.changes.length} of ${plan.changes.length}`)
  } catch (error) {
    throw await undoAfter(context, plan, steps, reports, error)
  }
  await journal.record('transaction-applied', { id })
  context.emit('transaction:ended', { transaction: id, outcome: 'applied' })
  return { transaction: id, outcome: 'applied', plan, steps: reports }
}

async function undoAfter(
  context: TransactionContext,
  plan: Plan,
  steps: ReadonlyMap<number, StepRecord>,
  reports: readonly StepReport[],
  error: unknown,
): Promise<unknown> {
  // Without a journal that takes records nothing may be touched any more, not even to undo.
  if (isJanusError(error) && error.code === 'JANUS_LEDGER_WRITE_FAILED') return error
  const because = error instanceof Error ? error.message : String(error)
  const { id, journal, process } = context
  await journal.record('undo-begin', { id, because, process })
  context.emit('transaction:undoing', { transaction: id, because })
  const undo = await undoSteps(context, {
    plan,
    steps,
    undos: new Map(),
    skipRuntime: false,
    blocked: hungSubjects(plan, steps),
  })
  await journal.record('transaction-undone', { id, complete: undo.complete })
  const report: UndoReport = {
    transaction: id,
    outcome: undo.complete ? 'undone' : 'incomplete',
    steps: undo.steps,
    losses: undo.losses,
  }
  context.emit('transaction:ended', { transaction: id, outcome: report.outcome })
  return withUndo(error, report, reports)
}

/** What a hung step touches must not be touched again: the kernel still works on it. */
function hungSubjects(plan: Plan, steps: ReadonlyMap<number, StepRecord>): ReadonlyMap<string, string> {
  const hung = [...steps.values()].filter((record) => record.outcome === 'hung')
  const subjects = hung.flatMap(({ step, hand }) => {
    const change = plan.changes[step]
    return change === undefined
      ? []
      : subjectsOf(change).map((subject) => [subject, `process ${hand} still is in the kernel`] as const)
  })
  return new Map(subjects)
}

function withUndo(error: unknown, undo: UndoReport, steps: readonly StepReport[]): JanusError {
  const known: JanusError = isJanusError(error)
    ? error
    : janusError('JANUS_INTERNAL', error instanceof Error ? error.message : String(error), { cause: error })
  const complete = undo.outcome === 'undone'
  const code: JanusErrorCode =
    complete || known.code === 'JANUS_STEP_TIMEOUT' ? known.code : 'JANUS_ROLLBACK_INCOMPLETE'
  const ending = complete ? 'what was done has been undone' : 'and not everything could be undone'
  return janusError(code, `${known.message}; ${ending}`, {
    ...(complete ? { remedy: known.remedy } : {}),
    data: { ...known.data, transaction: undo.transaction, steps, undo },
    cause: known,
  })
}
