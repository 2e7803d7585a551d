import type { Host } from '../../contract/host.js'
import type { QueryAnswer } from '../../contract/query.js'

/**
 * Reads an image back: which of these members it has, with the digest of their bytes.
 * @param members names without a leading slash
 */
export async function findArchiveMembers(
  host: Host,
  path: string,
  members: readonly string[],
): Promise<QueryAnswer<'archive-members'>> {
  const { value: pieces, unreadable } = await host.readPieces(path)
  if (pieces === undefined) return { available: false, reason: `${path}: ${unreadable ?? 'it does not exist'}` }
  const { readArchiveMembers } = await import('../../archive/read-archive-members.js')
  const { found, problem } = await readArchiveMembers(pieces, members)
  if (problem !== undefined && members.some((member) => !found.has(member))) {
    return { available: false, reason: `${path}: ${problem}` }
  }
  return { available: true, members: Object.fromEntries(members.map((member) => [member, found.get(member) ?? null])) }
}
