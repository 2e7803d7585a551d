import type { RunCommand, UndoChange } from '../contract/change.js'
import type { Host } from '../contract/host.js'
import { mustStateUndo } from './derive-undo.js'
import { readFileState } from './file-state.js'

/**
 * The undo of a command that names the files it rewrites: each as it is now, put back or removed.
 * @throws JANUS_CHANGE_REFUSED when it names none: nobody could undo it
 */
export async function outputsUndo(host: Host, change: RunCommand): Promise<readonly UndoChange[]> {
  if (change.outputs === undefined || change.outputs.length === 0) throw mustStateUndo(change)
  const { scope } = change
  const undo: UndoChange[] = []
  for (const path of change.outputs) {
    const state = await readFileState(host, path)
    if (state === null) {
      undo.push({ kind: 'remove-file', path, scope, why: 'undo: remove the file that the command made' })
      continue
    }
    const { sha256, mode, uid, gid } = state
    const why = 'undo: put the saved file back'
    undo.push({ kind: 'write-file', path, content: { saved: sha256 }, mode, owner: { uid, gid }, scope, why })
  }
  return undo
}
