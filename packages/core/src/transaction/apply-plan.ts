import type { PlannedChange } from '../contract/change.js'
import type { ApplyOptions } from '../contract/janus.js'
import type { Plan } from '../contract/plan.js'
import type { ApplyReport, StepReport, TransactionActor, UndoReport } from '../contract/transaction.js'
import type { JanusErrorCode } from '../errors/codes.js'
import { isJanusError, type JanusError, janusError } from '../errors/janus-error.js'
import { subjectsOf } from '../plan/subjects.js'
import { performStep } from './perform-step.js'
import type { StepRecord } from './read-transactions.js'
import { requireFit } from './require-fit.js'
import { requireSpace } from './require-space.js'
import type { TransactionContext } from './transaction-context.js'
import { undoSteps } from './undo-steps.js'

/** Who applies, with which version: recorded with the transaction. */
export interface ApplyAuthor {
  readonly actor: TransactionActor
  readonly janusVersion: string
}

/** Gives the plan of the next stage of a profile, agreed to; undefined when there is none. A rejection undoes everything. */
export type NextStage = () => Promise<Plan | undefined>

/**
 * Executes exactly this plan, and those of the stages behind it: every step is journaled before it is performed and
 * verified after it; any failure undoes what was done, in reverse, whichever stage it belongs to.
 * @param nextStage asked once all steps so far are done
 * @throws JANUS_PLAN_STALE, JANUS_LOSS_NOT_ACCEPTED, JANUS_STATE_WRITE_FAILED before anything is touched; JANUS_STEP_FAILED, JANUS_VERIFY_FAILED,
 *   JANUS_STEP_TIMEOUT, JANUS_ABORTED after what was done has been undone; JANUS_ROLLBACK_INCOMPLETE when it could not
 *   be; JANUS_LEDGER_WRITE_FAILED with nothing further touched
 */
export async function applyPlan(
  context: TransactionContext,
  plan: Plan,
  author: ApplyAuthor,
  options: ApplyOptions,
  nextStage: NextStage = async () => undefined,
): Promise<ApplyReport> {
  await requireFit(context.machine, plan, options.accept ?? [])
  await requireSpace(context, plan)
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

  const work: Work = { plans: [plan], steps: new Map(), reports: [] }
  try {
    await performChanges(context, work, 0, options.signal)
    for (let next = await nextStage(); next !== undefined; next = await nextStage()) {
      requireGoing(options.signal, `before stage ${work.plans.length + 1}`)
      await requireFit(context.machine, next, accepted)
      await requireSpace(context, next)
      const done = changesIn(work).length
      await journal.record('transaction-stage', { id, plan: next })
      work.plans.push(next)
      context.emit('transaction:stage', { transaction: id, stage: work.plans.length, steps: changesIn(work).length })
      await performChanges(context, work, done, options.signal)
    }
    requireGoing(options.signal, `after stage ${work.plans.length}`)
  } catch (error) {
    throw await undoAfter(context, work, error)
  }
  await journal.record('transaction-applied', { id })
  context.emit('transaction:ended', { transaction: id, outcome: 'applied' })
  const stages = work.plans.length === 1 ? {} : { stages: work.plans }
  return { transaction: id, outcome: 'applied', plan, ...stages, steps: work.reports }
}

/** What has been done so far, over all stages. */
interface Work {
  readonly plans: Plan[]
  readonly steps: Map<number, StepRecord>
  readonly reports: StepReport[]
}

function changesIn({ plans }: Work): readonly PlannedChange[] {
  return plans.flatMap(({ changes }) => changes)
}

async function performChanges(
  context: TransactionContext,
  work: Work,
  first: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const changes = changesIn(work)
  for (const [step, change] of changes.entries()) {
    if (step < first) continue
    requireGoing(signal, `before step ${step + 1} of ${changes.length}`)
    work.reports.push(await performStep(context, step, change, work.steps))
  }
  requireGoing(signal, `in step ${changes.length} of ${changes.length}`)
}

function requireGoing(signal: AbortSignal | undefined, when: string): void {
  if (signal?.aborted === true) throw janusError('JANUS_ABORTED', `cancelled ${when}`)
}

async function undoAfter(context: TransactionContext, work: Work, error: unknown): Promise<unknown> {
  // Without a journal that takes records nothing may be touched any more, not even to undo.
  if (isJanusError(error) && error.code === 'JANUS_LEDGER_WRITE_FAILED') return error
  const because = error instanceof Error ? error.message : String(error)
  const { id, journal, process } = context
  await journal.record('undo-begin', { id, because, process })
  context.emit('transaction:undoing', { transaction: id, because })
  const changes = changesIn(work)
  const undo = await undoSteps(context, {
    changes,
    facts: work.plans.flatMap(({ facts }) => facts),
    steps: work.steps,
    undos: new Map(),
    skipRuntime: false,
    blocked: hungSubjects(changes, work.steps),
  })
  await journal.record('transaction-undone', { id, complete: undo.complete })
  const report: UndoReport = {
    transaction: id,
    outcome: undo.complete ? 'undone' : 'incomplete',
    steps: undo.steps,
    losses: undo.losses,
  }
  context.emit('transaction:ended', { transaction: id, outcome: report.outcome })
  return withUndo(error, report, work.reports)
}

/** What a hung step touches must not be touched again: the kernel still works on it. */
function hungSubjects(
  changes: readonly PlannedChange[],
  steps: ReadonlyMap<number, StepRecord>,
): ReadonlyMap<string, string> {
  const hung = [...steps.values()].filter((record) => record.outcome === 'hung')
  const subjects = hung.flatMap(({ step, hand }) => {
    const change = changes[step]
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
    complete || known.code === 'JANUS_STEP_TIMEOUT' ? (known.code as JanusErrorCode) : 'JANUS_ROLLBACK_INCOMPLETE'
  const ending = complete ? 'what was done has been undone' : 'and not everything could be undone'
  return janusError(code, `${known.message}; ${ending}`, {
    ...(complete ? { remedy: known.remedy } : {}),
    data: { ...known.data, transaction: undo.transaction, steps, undo },
    cause: known,
  })
}
