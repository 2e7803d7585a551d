import { access, mkdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** Where kernels and initramfs images are kept between runs; outside of the repository. */
export function cacheFolder(): string {
  const { JANUS_LAB_CACHE, XDG_CACHE_HOME } = process.env
  return JANUS_LAB_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'janus-lab')
}

/**
 * The entry `key` of the cache, built on first use. Two processes may build the same entry at once: each builds beside it
 * and the first rename wins, so that an entry is either absent or complete.
 */
export async function cached(key: string, build: (path: string) => Promise<void>): Promise<string> {
  const entry = join(cacheFolder(), key)
  if (await exists(entry)) return entry
  const draft = `${entry}.${process.pid}-${Math.random().toString(36).slice(2)}.draft`
  await mkdir(dirname(entry), { recursive: true })
  try {
    await build(draft)
    await rename(draft, entry).catch(async (error: unknown) => {
      if (!(await exists(entry))) throw error
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return entry
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
