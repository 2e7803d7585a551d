import type { PlannedChange, UndoChange } from '../contract/change.js'
import { janusError } from '../errors/janus-error.js'
import type { TransactionContext } from './transaction-context.js'

/**
 * Puts the bytes that a step will replace into the store, durably, before its intent is written. Which bytes: those
 * that its undo names.
 * @throws JANUS_PLAN_STALE when the file no longer holds the bytes the plan saw
 */
export async function saveReplaced(context: TransactionContext, change: PlannedChange): Promise<void> {
  if ('none' in change.undo) return
  for (const undo of change.undo) {
    const digest = savedDigest(undo)
    if (digest === undefined || !('path' in undo)) continue
    const { value } = await context.machine.host.readPieces(undo.path)
    const saved = value === undefined ? undefined : await context.saved.save(value)
    if (saved !== digest) {
      const message = `${undo.path} no longer holds the bytes that the plan saw`
      throw janusError('JANUS_PLAN_STALE', message, { data: { path: undo.path, expected: digest, found: saved } })
    }
  }
}

function savedDigest(undo: UndoChange): string | undefined {
  return undo.kind === 'write-file' && 'saved' in undo.content ? undo.content.saved : undefined
}
