import type { UndoChange } from '../contract/change.js'

/** SHA-256 of the saved bytes that an undo change puts back; undefined when it puts back none. */
export function savedDigest(undo: UndoChange): string | undefined {
  return undo.kind === 'write-file' && 'saved' in undo.content ? undo.content.saved : undefined
}
