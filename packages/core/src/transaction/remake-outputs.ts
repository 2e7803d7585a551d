import type { PlannedChange, RunCommand, UndoChange } from '../contract/change.js'
import type { StepReport } from '../contract/transaction.js'
import { undoChangesOf } from '../plan/undo-changes-of.js'
import type { StepRecord } from './read-transactions.js'

/** An output that somebody has rewritten since a command made it, of a command that can make it anew. */
export interface RewrittenOutput {
  readonly record: StepRecord
  readonly change: PlannedChange
  /** The conflict, as it stands where the output cannot be made anew either. */
  readonly report: StepReport
}

const MADE_ANEW =
  'somebody has rewritten or removed it since the step: where it is still of use, it is made anew from what was put back'

/** True for an undo change that puts back what its command would make anew. */
export function canBeRemade(change: PlannedChange, undo: UndoChange): boolean {
  return regenerates(change) && 'path' in undo && change.outputs?.includes(undo.path) === true
}

/**
 * Everything that an undo of a change may order, by the index under which the journal records it: its undo list, and behind
 * it what makes its outputs anew.
 */
export function undoOrders(change: PlannedChange): readonly UndoChange[] {
  const undo = undoChangesOf(change)
  return regenerates(change) && !('none' in change.undo) ? [...undo, ...remaking(change)] : undo
}

/** The command once more, then what its undo runs behind its outputs, such as copying them elsewhere. */
function remaking(change: PlannedChange & RunCommand): readonly UndoChange[] {
  const { kind, command, args, env, input, timeout, outputs, unless, scope } = change
  const again: RunCommand = {
    kind,
    command,
    args,
    ...(env === undefined ? {} : { env }),
    ...(input === undefined ? {} : { input }),
    timeout,
    ...(outputs === undefined ? {} : { outputs }),
    ...(unless === undefined ? {} : { unless }),
    scope,
    why: 'undo: make anew, from what was put back, what somebody has rewritten since',
  }
  const behind = undoChangesOf(change).filter((undo) => undo.kind === 'run-command')
  return [again, ...behind]
}

/**
 * Makes outputs anew that somebody has rewritten, once everything else is undone: their sources are among it. Where
 * something else could not be undone, they stay conflicts.
 * @param order performs or previews one undo change under its index
 */
export async function remakeOutputs(
  rewritten: readonly RewrittenOutput[],
  isRestUndone: boolean,
  order: (record: StepRecord, index: number, undo: UndoChange) => Promise<StepReport>,
): Promise<readonly StepReport[]> {
  if (!isRestUndone) return rewritten.map(({ report }) => report)
  const reports: StepReport[] = rewritten.map(({ report }) => ({ ...report, outcome: 'left', reason: MADE_ANEW }))
  const byStep = new Map(rewritten.map((one) => [one.record.step, one]))
  for (const { record, change } of [...byStep.values()].sort((one, other) => one.record.step - other.record.step)) {
    const first = undoChangesOf(change).length
    for (const [index, undo] of undoOrders(change).entries()) {
      if (index >= first) reports.push(await order(record, index, undo))
    }
  }
  return reports
}

function regenerates(change: PlannedChange): change is PlannedChange & RunCommand {
  return change.kind === 'run-command' && change.regenerates === true
}
