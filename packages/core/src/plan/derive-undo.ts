import type { Change, FileState, Undo, UndoChange } from '../contract/change.js'
import { janusError } from '../errors/janus-error.js'
import { comparableValue, writableValue } from './attribute-forms.js'
import { contentDigest } from './file-state.js'

/**
 * The undo of a change whose `from` is filled in: what the table of the design says for its kind.
 * @throws JANUS_CHANGE_REFUSED for a change that must state its undo itself
 */
export function deriveUndo(change: Change): Undo {
  switch (change.kind) {
    case 'write-attribute':
      return attributeUndo(change)
    case 'write-file':
      return [fileUndo(change)]
    case 'write-link':
      return [
        change.from === null || change.from === undefined
          ? {
              kind: 'remove-file',
              path: change.path,
              from: { link: change.target },
              ...back(change, 'remove the link'),
            }
          : {
              kind: 'write-link',
              path: change.path,
              target: change.from,
              from: change.target,
              ...back(change, 'put the link back'),
            },
      ]
    case 'remove-file':
      return [removedUndo(change)]
    case 'create-directory':
      return [
        {
          kind: 'remove-directory',
          path: change.path,
          mode: change.mode,
          ...ownerOf(change),
          ...back(change, 'remove the directory'),
        },
      ]
    case 'remove-directory':
      return [
        {
          kind: 'create-directory',
          path: change.path,
          mode: change.mode,
          ...ownerOf(change),
          ...back(change, 'create the directory again'),
        },
      ]
    case 'load-kernel-module':
      return [
        { kind: 'unload-kernel-module', name: change.name, ...back(change, 'unload it again if nothing uses it') },
      ]
    case 'unload-kernel-module':
      return [
        {
          kind: 'load-kernel-module',
          name: change.name,
          ...(change.parameters === undefined ? {} : { parameters: change.parameters }),
          ...back(change, 'load it again'),
        },
      ]
    case 'run-command':
      throw mustStateUndo(change)
  }
}

function attributeUndo(change: Extract<Change, { kind: 'write-attribute' }>): Undo {
  if (change.from === undefined) throw mustStateUndo(change)
  const value = writableValue(change.path, comparableValue(change.path, change.from))
  const verify = [{ kind: 'equals', path: change.path, value: comparableValue(change.path, change.from) }] as const
  return [
    {
      kind: 'write-attribute',
      path: change.path,
      value,
      ...(change.timeout === undefined ? {} : { timeout: change.timeout }),
      verify,
      ...back(change, 'write the previous value back'),
    },
  ]
}

function fileUndo(change: Extract<Change, { kind: 'write-file' }>): UndoChange {
  const left = {
    sha256: contentDigest(change.content),
    mode: change.mode,
    uid: 0,
    gid: 0,
    ...change.owner,
  } satisfies FileState
  if (change.from === null || change.from === undefined) {
    return { kind: 'remove-file', path: change.path, from: left, ...back(change, 'remove the file') }
  }
  const { sha256, mode, uid, gid } = change.from
  return {
    kind: 'write-file',
    path: change.path,
    content: { saved: sha256 },
    mode,
    owner: { uid, gid },
    from: left,
    ...back(change, 'put the saved file back'),
  }
}

function removedUndo(change: Extract<Change, { kind: 'remove-file' }>): UndoChange {
  if (change.from === undefined) throw mustStateUndo(change)
  if ('link' in change.from) {
    return {
      kind: 'write-link',
      path: change.path,
      target: change.from.link,
      from: null,
      ...back(change, 'put the link back'),
    }
  }
  const { sha256, mode, uid, gid } = change.from
  return {
    kind: 'write-file',
    path: change.path,
    content: { saved: sha256 },
    mode,
    owner: { uid, gid },
    from: null,
    ...back(change, 'put the saved file back'),
  }
}

function ownerOf(change: { readonly owner?: { readonly uid: number; readonly gid: number } }) {
  return change.owner === undefined ? {} : { owner: change.owner }
}

function back(change: Change, why: string) {
  return { why: `undo: ${why}`, scope: change.scope } as const
}

/** The refusal of a change whose undo cannot be derived and is not stated. */
export function mustStateUndo(change: Change): Error {
  const what = 'path' in change ? change.path : change.kind
  return janusError(
    'JANUS_CHANGE_REFUSED',
    `the change ${change.kind} of ${what} must state its undo, or why there is none`,
  )
}
