import { type Change, type Condition, contentDigest, type UndoChange } from '@janus/core'

const RELOAD = { kind: 'run-command', command: 'systemctl', args: ['daemon-reload'], timeout: 90_000 } as const

/** A drop-in of a unit, or a file that one names. */
export interface DropInFile {
  readonly path: string
  readonly text: string
  readonly why: string
  /** It is as it should be; systemd reads it with the others. */
  readonly isThere?: boolean
  readonly afterBoot?: readonly Condition[]
}

/** What {@link dropInChanges} needs to know. */
export interface DropIns {
  /** In the order in which they are written. */
  readonly files: readonly DropInFile[]
  /** Those of their folders that are missing. */
  readonly missingFolders: readonly { readonly path: string; readonly why: string }[]
  readonly scope: Change['scope']
  /** What systemd is to read them for. */
  readonly why: string
  /** What is true once systemd has read them. */
  readonly verify?: readonly Condition[]
  /** What follows once systemd has forgotten them. */
  readonly undone: readonly UndoChange[]
}

/**
 * The changes that give systemd drop-ins: a reload, the files, and a reload that reads them. Undone in reverse, the first step
 * comes last: behind it systemd reads what is left. Done, it shows that systemd answers before anything is written.
 */
export function dropInChanges({ files, missingFolders, scope, why, verify, undone }: DropIns): readonly Change[] {
  const first = 'have systemd read what there is, and once it is undone what is left'
  const folders = missingFolders.map((folder): Change => ({ kind: 'create-directory', ...folder, mode: 0o755, scope }))
  return [
    { ...RELOAD, why: first, scope, undo: [{ ...RELOAD, why: 'have systemd forget the drop-ins', scope }, ...undone] },
    ...folders,
    ...files.filter(({ isThere }) => isThere !== true).map((file) => fileChange(file, scope)),
    { ...reloadChange(why, verify), expect: files.map(({ path }) => ({ kind: 'exists', path })) },
  ]
}

/**
 * The change that has systemd read its files; undoing it is left to the first step of {@link dropInChanges}.
 * @param verify what is true then
 */
export function reloadChange(why: string, verify?: readonly Condition[]): Change {
  const verified = verify === undefined ? {} : { verify }
  return { ...RELOAD, why, ...verified, scope: 'runtime', undo: [] }
}

function fileChange({ path, text, why, afterBoot }: DropInFile, scope: Change['scope']): Change {
  return {
    kind: 'write-file',
    path,
    content: { text },
    mode: 0o644,
    why,
    verify: [{ kind: 'sha256', path, value: contentDigest({ text }) }],
    ...(afterBoot === undefined ? {} : { afterBoot }),
    scope,
  }
}
