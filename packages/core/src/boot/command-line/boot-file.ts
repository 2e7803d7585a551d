import type { Change, Condition, FileContent, FileState, UndoChange, WriteFile } from '../../contract/change.js'
import type { Host } from '../../contract/host.js'
import { janusError } from '../../errors/janus-error.js'
import { readFileState } from '../../plan/file-state.js'
import type { FileTexts } from './source-line.js'

/**
 * Reads files as Latin-1, one character per byte, so that an edit keeps every byte that it does not mean.
 * @throws JANUS_HOST_UNREADABLE naming the file
 */
export async function readBootFiles(host: Host, paths: readonly string[]): Promise<FileTexts> {
  const texts = new Map<string, string>()
  for (const path of paths) {
    const { value, unreadable } = await host.readBytes(path)
    if (value === undefined) {
      const message = `${path} cannot be read: ${unreadable ?? 'it does not exist'}`
      throw janusError('JANUS_HOST_UNREADABLE', message, { data: { path, reason: unreadable ?? 'absent' } })
    }
    texts.set(path, Buffer.from(value).toString('latin1'))
  }
  return texts
}

/** What an edited file needs besides its text. */
export interface BootFileSettings {
  readonly why: string
  readonly afterBoot?: readonly Condition[]
  /** What has to run once the file is put back. */
  readonly undoThen?: UndoChange
}

/**
 * The changes that bring files from one state to another.
 * @returns one `write-file` per file whose text differs, in the order of their paths in `before`
 */
export async function bootFileChanges(
  host: Host,
  before: FileTexts,
  after: FileTexts,
  settings: BootFileSettings,
): Promise<readonly Change[]> {
  const changes: Change[] = []
  for (const [path, text] of after) {
    if (text !== before.get(path)) changes.push(await bootFileChange(host, path, text, settings))
  }
  return changes
}

async function bootFileChange(
  host: Host,
  path: string,
  text: string,
  { why, afterBoot = [], undoThen }: BootFileSettings,
): Promise<Change> {
  const from = await readFileState(host, path)
  if (from === null) throw janusError('JANUS_HOST_UNREADABLE', `${path} does not exist`, { data: { path } })
  const { mode, uid, gid } = from
  const change: WriteFile = {
    kind: 'write-file',
    path,
    content: contentOf(text),
    mode,
    owner: { uid, gid },
    from,
    why,
    scope: 'persistent',
    ...(afterBoot.length === 0 ? {} : { afterBoot }),
  }
  return undoThen === undefined ? change : { ...change, undo: [putBack(path, from), undoThen] }
}

/** As core would derive it; a command follows it here, which must see the file as it was. */
function putBack(path: string, { sha256, mode, uid, gid }: FileState): UndoChange {
  const why = 'undo: put the saved file back'
  return { kind: 'write-file', path, content: { saved: sha256 }, mode, owner: { uid, gid }, why, scope: 'persistent' }
}

function contentOf(text: string): FileContent {
  const bytes = Buffer.from(text, 'latin1')
  const readable = bytes.toString('utf8')
  return Buffer.from(readable, 'utf8').equals(bytes) ? { text: readable } : { base64: bytes.toString('base64') }
}
