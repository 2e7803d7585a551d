import type { PlannedChange } from '../contract/change.js'
import { janusError } from '../errors/janus-error.js'
import { undoChangesOf } from '../plan/undo-changes-of.js'
import { savedDigest } from './saved-digest.js'
import type { TransactionContext } from './transaction-context.js'

/**
 * Puts the bytes that a step will replace into the store, durably, before its intent is written. Which bytes: those
 * that its undo names.
 * @throws JANUS_PLAN_STALE when the file no longer holds the bytes the plan saw
 */
export async function saveReplaced(context: TransactionContext, change: PlannedChange): Promise<void> {
  for (const undo of undoChangesOf(change)) {
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
