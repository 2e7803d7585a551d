import { type Change, type Condition, contentDigest, type Host, janusError } from '@janus/core'

/** A small file of Janus' own. */
export interface OwnFile {
  readonly path: string
  readonly lines: readonly string[]
  readonly why: string
  readonly afterBoot?: readonly Condition[]
}

/** First line of every such file; the others are settings. */
const HEAD = '# Written by Janus, module cpu-hugepages. Undo it with: janus rollback --module cpu-hugepages'

/** The settings that a file of Janus' own holds now, without comments. */
export async function readOwnLines(host: Host, path: string): Promise<readonly string[]> {
  const { value, unreadable } = await host.readText(path)
  if (value === undefined && unreadable !== undefined) {
    throw janusError('JANUS_HOST_UNREADABLE', `${path} cannot be read: ${unreadable}`, { data: { path } })
  }
  return (value ?? '').split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'))
}

/** The change that gives a file these settings; none when it has them, its removal when there are none. */
export async function ownFileChanges(
  host: Host,
  { path, lines, why, afterBoot = [] }: OwnFile,
): Promise<readonly Change[]> {
  const present = await readOwnLines(host, path)
  if (lines.length === 0) {
    if (present.length === 0) return []
    return [{ kind: 'remove-file', path, why, verify: [{ kind: 'absent', path }], scope: 'persistent' }]
  }
  const text = `${[HEAD, ...lines].join('\n')}\n`
  if ((await host.readText(path)).value === text) return []
  const boot = afterBoot.length === 0 ? {} : { afterBoot }
  const verify = [{ kind: 'sha256', path, value: contentDigest({ text }) }] as const
  return [{ kind: 'write-file', path, content: { text }, mode: 0o644, why, verify, scope: 'persistent', ...boot }]
}

/** The same changes, with the folders that do not exist before the first file that is written into each. */
export async function withFolders(host: Host, changes: readonly Change[]): Promise<readonly Change[]> {
  const result: Change[] = []
  const known = new Set<string>()
  for (const change of changes) {
    const folder = change.kind === 'write-file' ? change.path.slice(0, change.path.lastIndexOf('/')) : undefined
    if (folder !== undefined && !known.has(folder)) {
      known.add(folder)
      const why = 'the place of settings that are made at every boot'
      if (!(await host.exists(folder)))
        result.push({ kind: 'create-directory', path: folder, mode: 0o755, why, scope: 'persistent' })
    }
    result.push(change)
  }
  return result
}
