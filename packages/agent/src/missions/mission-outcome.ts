import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf } from '@janus/core/state'
import type { SequenceEntry } from './mission-sequence.js'

/**
 * How a mission ended. Only `completed` means that what it was for is there; `expired` and `stagnated` are given up, and the next one begins.
 */
export type MissionOutcome = 'completed' | 'expired' | 'stagnated'

/** How far a mission is. */
export interface MissionProgress {
  /** Milliseconds since it became the current one. */
  readonly age: number
  /** Whether its deliverable is there. */
  readonly delivered: boolean
  /** Proposals since it became the current one. */
  readonly proposals: number
  /** Milliseconds since the last proposal, or since it became the current one. */
  readonly quiet: number
}

/** How a mission has ended; undefined while it goes on. */
export function missionOutcome(
  entry: Pick<SequenceEntry, 'leastMilliseconds' | 'mostMilliseconds' | 'leastProposals'>,
  { age, delivered, proposals, quiet }: MissionProgress,
  stagnationMilliseconds: number,
): MissionOutcome | undefined {
  if (delivered && age >= entry.leastMilliseconds) return 'completed'
  if (entry.mostMilliseconds !== undefined && age >= entry.mostMilliseconds) return 'expired'
  const enough = entry.leastProposals !== undefined && proposals >= entry.leastProposals
  return enough && quiet >= stagnationMilliseconds ? 'stagnated' : undefined
}

/**
 * True when a deliverable is there: a file with something in it, or a directory with so many of them. An empty directory, an empty file and a link are nothing that was delivered.
 * @param path absolute
 * @param requiredCount at least 1
 */
export async function isDelivered(path: string, requiredCount: number): Promise<boolean> {
  try {
    const stat = await lstat(path)
    if (stat.isFile()) return stat.size > 0 && requiredCount <= 1
    if (!stat.isDirectory()) return false
    let found = 0
    for await (const entry of await opendir(path)) {
      if (!entry.isFile() || (await lstat(join(path, entry.name))).size === 0) continue
      found += 1
      if (found >= requiredCount) return true
    }
    return false
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'ENOENT' || errno === 'ENOTDIR' || errno === 'EACCES') return false
    throw error
  }
}
