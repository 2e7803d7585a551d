import type { Loss, PlannedChange, UndoChange } from '../contract/change.js'
import type { Fact } from '../contract/plan.js'
import type { StepOutcome, StepReport } from '../contract/transaction.js'
import { subjectsOf } from '../plan/subjects.js'
import { type OwnOutputs, ownOutputs } from './left-outputs.js'
import { removeLeftTemporaries } from './left-temporaries.js'
import { type OwnValues, ownValues } from './own-values.js'
import type { StepRecord, UndoRecord } from './read-transactions.js'
import { canBeRemade, type RewrittenOutput, remakeOutputs } from './remake-outputs.js'
import type { TransactionContext } from './transaction-context.js'
import { orderUndo, undoChange } from './undo-change.js'

/** What is to be undone. */
export interface UndoTask {
  /** Every change of the transaction; the index is the number of the step. */
  readonly changes: readonly PlannedChange[]
  readonly facts: readonly Fact[]
  /** Steps whose intent is in the journal; only these can have touched the host. */
  readonly steps: ReadonlyMap<number, StepRecord>
  /** Undo changes an earlier attempt recorded, by `step:index`. */
  readonly undos: ReadonlyMap<string, UndoRecord>
  /** True when the machine has been booted since: runtime changes are gone. */
  readonly skipRuntime: boolean
  /** Subjects that must be left alone, with the reason: a hand still is in the kernel with them. */
  readonly blocked: ReadonlyMap<string, string>
}

/** What became of an undo. */
export interface UndoneSteps {
  readonly steps: readonly StepReport[]
  readonly losses: readonly Loss[]
  readonly complete: boolean
}

const UNFINISHED: ReadonlySet<StepOutcome> = new Set(['failed', 'conflict', 'in-progress-in-kernel'])

/**
 * Undoes steps in reverse, each undo list in its own order. Every undo change acts only where the host still is what
 * the transaction left; after a surprise the rest of that device or path is left alone, everything else proceeds. What a command
 * can make anew comes last.
 */
export async function undoSteps(context: TransactionContext, task: UndoTask): Promise<UndoneSteps> {
  const reports: StepReport[] = [...(await removeLeftTemporaries(context, task))]
  const losses: Loss[] = []
  const blocked = new Map(task.blocked)
  const accepted = ownValues(task.changes)
  const outputs = ownOutputs(task.changes, task.steps)
  const rewritten: RewrittenOutput[] = []
  const add = (report: StepReport): void => {
    reports.push(report)
    context.emit('transaction:step', { transaction: context.id, ...report })
  }
  const steps = [...task.steps.values()].sort((a, b) => b.step - a.step)
  for (const record of steps) {
    const change = task.changes[record.step]
    if (change === undefined || record.outcome === 'skipped') continue
    if (task.skipRuntime && change.scope === 'runtime') continue
    losses.push(...(change.irreversible ?? []))
    if ('none' in change.undo) {
      reports.push({ step: record.step, phase: 'undo', change, outcome: 'left', reason: change.undo.none })
      continue
    }
    for (const [index, undo] of change.undo.entries()) {
      const earlier = task.undos.get(`${record.step}:${index}`)
      const report = await undoUnlessBlocked(context, {
        record,
        index,
        undo,
        change,
        facts: task.facts,
        accepted,
        outputs,
        blocked,
        earlier,
      })
      if (report.outcome === 'conflict' && canBeRemade(change, undo)) rewritten.push({ record, change, report })
      else add(report)
    }
  }
  const remade = await remakeOutputs(rewritten, isComplete(reports), (record, index, undo) =>
    orderUndo(context, record, index, undo),
  )
  for (const report of remade) add(report)
  return { steps: reports, losses, complete: isComplete(reports) }
}

/** True when nothing is left to be undone that was meant to be. */
export function isComplete(reports: readonly StepReport[]): boolean {
  return !reports.some(({ outcome }) => UNFINISHED.has(outcome))
}

interface OneUndo {
  readonly record: StepRecord
  readonly index: number
  readonly undo: UndoChange
  readonly change: PlannedChange
  readonly facts: readonly Fact[]
  readonly accepted: ReadonlyMap<string, OwnValues>
  readonly outputs: OwnOutputs
  readonly blocked: Map<string, string>
  readonly earlier: UndoRecord | undefined
}

async function undoUnlessBlocked(
  context: TransactionContext,
  { accepted, blocked, ...one }: OneUndo,
): Promise<StepReport> {
  const { record, undo } = one
  const subjects = subjectsOf(undo)
  const reason = subjects.map((subject) => blocked.get(subject)).find((text) => text !== undefined)
  if (reason !== undefined)
    return { step: record.step, phase: 'undo', change: undo, outcome: 'in-progress-in-kernel', reason }
  const values = undo.kind === 'write-attribute' ? accepted.get(undo.path) : undefined
  const report = await undoChange(context, { ...one, accepted: values })
  if (report.outcome === 'conflict' || report.outcome === 'in-progress-in-kernel') {
    for (const subject of subjects) blocked.set(subject, `left alone after: ${report.reason ?? report.outcome}`)
  }
  return report
}
