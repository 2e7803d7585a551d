import type { FileContent, UndoChange } from '../contract/change.js'
import type { HandContent, HandOrder } from '../contract/hand.js'
import { contentBytes } from '../plan/file-state.js'
import type { SavedBytes } from '../state/index.js'

/**
 * The order that carries out a change.
 * @throws JANUS_SAVED_BYTES_MISSING when an undo needs bytes that the store no longer has
 */
export async function orderFor(change: UndoChange, saved: SavedBytes): Promise<HandOrder> {
  switch (change.kind) {
    case 'write-attribute':
      return { kind: 'write-attribute', path: change.path, value: change.value }
    case 'write-file': {
      const { path, mode, owner } = change
      return { kind: 'write-file', path, mode, ...owner, ...(await contentFor(change.content, saved)) }
    }
    case 'write-link':
      return { kind: 'write-link', path: change.path, target: change.target }
    case 'remove-file':
      return { kind: 'remove-file', path: change.path }
    case 'create-directory':
      return { kind: 'create-directory', path: change.path, mode: change.mode, ...change.owner }
    case 'remove-directory':
      return {
        kind: 'remove-directory',
        path: change.path,
        ...(change.tasksTo === undefined ? {} : { tasksTo: change.tasksTo }),
      }
    case 'load-kernel-module':
      return { kind: 'load-kernel-module', name: change.name, parameters: change.parameters ?? {} }
    case 'unload-kernel-module':
      return { kind: 'unload-kernel-module', name: change.name }
    case 'run-command': {
      const { command, args, env = {}, input, timeout, outputs } = change
      return {
        kind: 'run-command',
        command,
        args,
        env,
        timeout,
        ...(input === undefined ? {} : { input }),
        ...(outputs === undefined ? {} : { outputs }),
      }
    }
  }
}

/** Saved bytes stay where they are: an initramfs does not belong into a pipe. */
async function contentFor(content: FileContent, saved: SavedBytes): Promise<HandContent> {
  if (!('saved' in content)) return { base64: Buffer.from(contentBytes(content)).toString('base64') }
  const { path } = await saved.locate(content.saved)
  return { stored: path, sha256: content.saved }
}
