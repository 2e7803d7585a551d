import { basename, dirname, join } from 'node:path'
import type { PlannedChange, RemoveFile, UndoChange } from '../contract/change.js'
import type { Host } from '../contract/host.js'
import type { StepReport } from '../contract/transaction.js'
import { subjectsOf } from '../plan/subjects.js'
import { undoChangesOf } from '../plan/undo-changes-of.js'
import type { StepRecord, UndoRecord } from './read-transactions.js'
import { isTemporaryName } from './temporary-name.js'
import type { TransactionContext } from './transaction-context.js'

/** What may have been begun and not ended. */
export interface BegunChanges {
  readonly changes: readonly PlannedChange[]
  readonly steps: ReadonlyMap<number, StepRecord>
  /** By `step:index`. */
  readonly undos: ReadonlyMap<string, UndoRecord>
  /** True when the machine has been booted since: runtime changes are gone. */
  readonly skipRuntime: boolean
  /** Subjects that must be left alone. */
  readonly blocked: ReadonlyMap<string, string>
}

/** A file that never took its name, and whose step it is. */
export interface LeftTemporary {
  readonly step: number
  readonly change: RemoveFile
}

/**
 * Files that a hand was about to put in place when it was cut off, by a power cut or SIGKILL: bytes under a name that nobody
 * knows, in a directory that programs may read as a whole. Only beside files of which an order was begun and no end recorded.
 */
export async function findLeftTemporaries(host: Host, begun: BegunChanges): Promise<readonly LeftTemporary[]> {
  const found = new Map<string, LeftTemporary>()
  for (const { step, change } of unfinished(begun)) {
    const [directory, name] = [dirname(change.path), basename(change.path)]
    for (const entry of (await host.list(directory)).value ?? []) {
      if (!isTemporaryName(entry, name)) continue
      const path = join(directory, entry)
      const why = `undo: remove what was to become ${change.path} when the work was cut off`
      found.set(path, { step, change: { kind: 'remove-file', path, scope: change.scope, why } })
    }
  }
  return [...found.values()]
}

/** Removes them, before the directories they lie in are to go. */
export async function removeLeftTemporaries(
  { machine, hands }: TransactionContext,
  begun: BegunChanges,
): Promise<readonly StepReport[]> {
  const reports: StepReport[] = []
  for (const { step, change } of await findLeftTemporaries(machine.host, begun)) {
    const answer = await hands.perform({ kind: 'remove-file', path: change.path })
    const report = { step, phase: 'undo', change } as const
    if (answer.outcome === 'done') reports.push({ ...report, outcome: 'done' })
    else if (answer.outcome === 'hung') reports.push({ ...report, outcome: 'in-progress-in-kernel' })
    else if (answer.errno !== 'ENOENT')
      reports.push({ ...report, outcome: 'failed', reason: `${answer.errno}: ${answer.message}` })
  }
  return reports
}

type Replacing = Extract<UndoChange, { kind: 'write-file' | 'write-link' }>

function unfinished(begun: BegunChanges): readonly { readonly step: number; readonly change: Replacing }[] {
  const all = [...begun.steps.values()].flatMap(({ step, outcome }) => {
    const change = begun.changes[step]
    return change === undefined || outcome === 'done' ? [] : [{ step, change: change as UndoChange }]
  })
  for (const { step, index, outcome } of begun.undos.values()) {
    const begunStep = begun.changes[step]
    const change = begunStep === undefined ? undefined : undoChangesOf(begunStep)[index]
    if (change !== undefined && outcome !== 'done') all.push({ step, change })
  }
  return all.flatMap(({ step, change }) => {
    const isReplacing = change.kind === 'write-file' || change.kind === 'write-link'
    if (!isReplacing || (begun.skipRuntime && change.scope === 'runtime')) return []
    return subjectsOf(change).some((subject) => begun.blocked.has(subject)) ? [] : [{ step, change }]
  })
}
