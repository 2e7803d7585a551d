import { mkdir, readdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const TRIES = 40
const POLL = 5

/** Makes a cgroup; one that is there stays. */
export async function makeCgroup(path: string): Promise<void> {
  await mkdir(path, { recursive: true })
}

/** Removes a cgroup and those right below it. */
export async function removeCgroupTree(directory: string): Promise<void> {
  const children = await readdir(directory, { withFileTypes: true }).catch(() => [])
  for (const child of children) if (child.isDirectory()) await removeCgroup(join(directory, child.name))
  await removeCgroup(directory)
}

/** It stays busy for a moment after its last process. */
export async function removeCgroup(directory: string): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    try {
      await rmdir(directory)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') return
      await delay(POLL)
    }
  }
}
