import type { StepReport, UndoReport } from '../contract/transaction.js'
import { subjectsOf } from '../plan/subjects.js'
import { findOtherDevice } from './find-other-device.js'
import { findForeignOutput, ownOutputs } from './left-outputs.js'
import { findLeftTemporaries } from './left-temporaries.js'
import { bootedSince, isVoid, type TransactionRecord } from './read-transactions.js'
import { changesOf, factsOf } from './record-plans.js'
import { canBeRemade, type RewrittenOutput, remakeOutputs } from './remake-outputs.js'
import type { TransactionContext } from './transaction-context.js'
import { isUndone } from './undo-change.js'
import { isComplete, undoSteps } from './undo-steps.js'

/**
 * Undoes one transaction from what the journal holds of it.
 * @param because recorded as the reason: `rollback`, `recover`
 * @param blocked subjects to be left alone, with the reason
 */
export async function undoTransaction(
  context: TransactionContext,
  record: TransactionRecord,
  because: string,
  blocked: ReadonlyMap<string, string>,
): Promise<UndoReport> {
  const { id, journal, process, bootId } = context
  if (isVoid(record, bootId)) {
    // An end, so that the next recovery does not find it open again.
    await journal.record('transaction-void', { id })
    return { transaction: id, outcome: 'void', steps: [], losses: [] }
  }
  await journal.record('undo-begin', { id, because, process })
  context.emit('transaction:undoing', { transaction: id, because })
  const skipRuntime = bootedSince(record, bootId)
  const { steps, losses, complete } = await undoSteps(context, {
    changes: changesOf(record),
    facts: factsOf(record),
    steps: record.steps,
    undos: record.undos,
    skipRuntime,
    blocked,
  })
  await journal.record('transaction-undone', { id, complete })
  const outcome = complete ? 'undone' : 'incomplete'
  context.emit('transaction:ended', { transaction: id, outcome })
  return { transaction: id, outcome, steps, losses }
}

/**
 * What undoing a transaction would do now. Nothing is touched or recorded; later undo changes are judged as the host is now.
 * @param blocked subjects that would be left alone, with the reason; they are not even read, because that may hang too
 */
export async function previewUndo(
  context: Pick<TransactionContext, 'machine' | 'bootId'>,
  record: TransactionRecord,
  blocked: ReadonlyMap<string, string> = new Map(),
): Promise<UndoReport> {
  const transaction = record.begin.id
  if (isVoid(record, context.bootId)) return { transaction, outcome: 'void', steps: [], losses: [] }
  const skipRuntime = bootedSince(record, context.bootId)
  const [changes, facts] = [changesOf(record), factsOf(record)]
  const outputs = ownOutputs(changes, record.steps)
  const begun = { changes, steps: record.steps, undos: record.undos, skipRuntime, blocked }
  const left = await findLeftTemporaries(context.machine.host, begun)
  const steps: StepReport[] = left.map((one) => ({ ...one, phase: 'undo', outcome: 'planned' }))
  const rewritten: RewrittenOutput[] = []
  for (const stepRecord of [...record.steps.values()].sort((a, b) => b.step - a.step)) {
    const { step, outcome } = stepRecord
    const change = changes[step]
    if (change === undefined || outcome === 'skipped' || (skipRuntime && change.scope === 'runtime')) continue
    if ('none' in change.undo) {
      steps.push({ step, phase: 'undo', change, outcome: 'left', reason: change.undo.none })
      continue
    }
    for (const undo of change.undo) {
      const reason = subjectsOf(undo).flatMap((subject) => blocked.get(subject) ?? [])[0]
      if (reason !== undefined) {
        steps.push({ step, phase: 'undo', change: undo, outcome: 'in-progress-in-kernel', reason })
        continue
      }
      const needed = !(await isUndone(context.machine, undo, stepRecord))
      const { host } = context.machine
      const other = needed
        ? ((await findOtherDevice(host, facts, undo)) ?? (await findForeignOutput(host, outputs, change, undo)))
        : undefined
      if (other === undefined) {
        steps.push({ step, phase: 'undo', change: undo, outcome: needed ? 'planned' : 'unchanged' })
      } else {
        const reason = `${other.path} should be ${other.expected}, found ${other.found}`
        const report: StepReport = { step, phase: 'undo', change: undo, outcome: 'conflict', reason }
        if (canBeRemade(change, undo)) rewritten.push({ record: stepRecord, change, report })
        else steps.push(report)
      }
    }
  }
  const remade = await remakeOutputs(rewritten, isComplete(steps), async (stepRecord, _, undo) => {
    const needed = !(await isUndone(context.machine, undo, stepRecord))
    return { step: stepRecord.step, phase: 'undo', change: undo, outcome: needed ? 'planned' : 'unchanged' }
  })
  steps.push(...remade)
  const losses = changes.flatMap((change) => change.irreversible ?? [])
  return { transaction, outcome: 'planned', steps, losses }
}
