import type { PlannedChange, UndoChange } from '../contract/change.js'

/** The undo list of a change; empty for one that says why there is none. */
export function undoChangesOf({ undo }: Pick<PlannedChange, 'undo'>): readonly UndoChange[] {
  return 'none' in undo ? [] : undo
}
