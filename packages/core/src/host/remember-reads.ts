import type { Host } from '../contract/host.js'

/**
 * A host that answers the same question once: who asks later is told what the first was told. For one reading of a
 * machine from beginning to end; a machine that is being changed is read anew every time.
 * @param host the machine or a tree; a snapshot never changes and is returned as it is
 */
export function rememberReads(host: Host): Host {
  if (host.kind === 'snapshot') return host
  return {
    kind: host.kind,
    root: host.root,
    description: host.description,
    readText: remembering((path) => host.readText(path)),
    readLink: remembering((path) => host.readLink(path)),
    readLinkText: remembering((path) => host.readLinkText(path)),
    list: remembering((path) => host.list(path)),
    exists: remembering((path) => host.exists(path)),
    stat: remembering((path) => host.stat(path)),
    // Up to 16 MiB each, and hardly ever asked for twice.
    readBytes: (path) => host.readBytes(path),
    readPieces: (path) => host.readPieces(path),
  }
}

function remembering<Answer>(read: (path: string) => Promise<Answer>): (path: string) => Promise<Answer> {
  const answers = new Map<string, Promise<Answer>>()
  return (path) => {
    const known = answers.get(path)
    if (known !== undefined) return known
    const answer = read(path)
    answers.set(path, answer)
    return answer
  }
}
