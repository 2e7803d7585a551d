import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspaces } from '../settings/uses/workspaces-of.js'

const ID = /^[a-z0-9-]{1,64}(\.fresh|\.old)?$/

/** What was removed, and what could not be. */
export interface RemovedWorkspaces {
  readonly removed: readonly string[]
  readonly failed: readonly { readonly id: string; readonly because: string }[]
}

/**
 * Removes the workspaces whose time is over; without a time to keep them, none. Only what looks like a workspace is looked at, links are removed and not
 * followed, and what is in use stays.
 * @param now milliseconds since the epoch
 * @param isKept true for the id of a workspace that must stay, whatever its age: it is in use, or its run ended unknown
 */
export async function removeOldWorkspaces(
  { root, keptMilliseconds }: Workspaces,
  now: number,
  isKept: (id: string) => boolean,
): Promise<RemovedWorkspaces> {
  const removed: string[] = []
  const failed: { id: string; because: string }[] = []
  if (keptMilliseconds === undefined) return { removed, failed }
  for (const name of await readdir(root).catch(() => [])) {
    const id = name.replace(/\.(fresh|old)$/, '')
    if (!ID.test(name) || isKept(id)) continue
    try {
      const { mtimeMs } = await lstat(join(root, name))
      if (now - mtimeMs < keptMilliseconds) continue
      await rm(join(root, name), { recursive: true, force: true })
      removed.push(name)
    } catch (error) {
      failed.push({ id: name, because: error instanceof Error ? error.message : String(error) })
    }
  }
  return { removed, failed }
}
