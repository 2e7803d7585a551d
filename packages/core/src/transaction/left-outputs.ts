import type { FileState, PlannedChange, RunCommand, UndoChange } from '../contract/change.js'
import type { Host } from '../contract/host.js'
import { isJanusError } from '../errors/janus-error.js'
import { readFileState } from '../plan/file-state.js'
import { undoChangesOf } from '../plan/undo-changes-of.js'
import { describeFile, type Mismatch } from './host-matches.js'
import type { StepRecord } from './read-transactions.js'

/** What a command left of one of its outputs; `null`: no such file. */
export interface LeftOutput {
  readonly path: string
  readonly state: FileState | null
}

/** States of outputs that are a transaction's own doing, by path. A path that is missing cannot be judged. */
export type OwnOutputs = ReadonlyMap<string, readonly (FileState | null)[]>

/** Reads what a command left of its outputs, piece by piece; nothing for other changes and for what is no readable file. */
export async function readLeftOutputs(host: Host, change: UndoChange): Promise<readonly LeftOutput[]> {
  const left: LeftOutput[] = []
  for (const path of outputsOf(change)) {
    try {
      left.push({ path, state: await readFileState(host, path) })
    } catch (error) {
      if (!isJanusError(error)) throw error
    }
  }
  return left
}

/**
 * The states in which a transaction's commands left their outputs. Only of paths whose every writer has said so: what a
 * command left when a crash kept it from being recorded, or what an older journal does not tell, counts as its own.
 */
export function ownOutputs(changes: readonly PlannedChange[], steps: ReadonlyMap<number, StepRecord>): OwnOutputs {
  const own = new Map<string, (FileState | null)[]>()
  const unknown = new Set(changes.flatMap(undoChangesOf).flatMap(outputsOf))
  for (const { step, outcome, left } of steps.values()) {
    const change = changes[step]
    // One that was skipped before it was run has written nothing.
    if (change === undefined || (outcome === 'skipped' && left === undefined)) continue
    for (const path of outputsOf(change)) {
      const output = left?.find((one) => one.path === path)
      if (output === undefined) unknown.add(path)
      else own.set(path, [...(own.get(path) ?? []), output.state])
    }
  }
  for (const path of unknown) own.delete(path)
  return own
}

/**
 * How the file that an undo would put back or remove differs from everything that the transaction's commands left of
 * it: then somebody has rewritten it since, and what is there now is theirs.
 * @param change whose undo list the undo is of
 */
export async function findForeignOutput(
  host: Host,
  own: OwnOutputs,
  change: UndoChange | undefined,
  undo: UndoChange,
): Promise<Mismatch | undefined> {
  if (change?.kind !== 'run-command' || (undo.kind !== 'write-file' && undo.kind !== 'remove-file')) return undefined
  const states = undo.from === undefined ? own.get(undo.path) : undefined
  if (states === undefined) return undefined
  const found = await describeFound(host, undo.path)
  const expected = [...new Set(states.map(describeFile))]
  if (expected.includes(found)) return undefined
  return { path: undo.path, expected: expected.join(' or '), found: `${found}; ${remedyFor(change)}` }
}

async function describeFound(host: Host, path: string): Promise<string> {
  try {
    return describeFile(await readFileState(host, path))
  } catch (error) {
    if (isJanusError(error)) return error.message
    throw error
  }
}

function remedyFor({ command, args }: RunCommand): string {
  const words = [command, ...args].join(' ')
  return `it has been rewritten since the step, so it is left as it is: if it is made from settings, make it anew once they are back (the step ran "${words}"), otherwise take the change out by hand`
}

function outputsOf(change: UndoChange): readonly string[] {
  return change.kind === 'run-command' ? (change.outputs ?? []) : []
}
