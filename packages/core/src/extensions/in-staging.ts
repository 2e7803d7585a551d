import { cp, mkdtemp, realpath, rename, rm } from 'node:fs/promises'

/**
 * Changes a copy of a directory, which takes its place when the work is done. When the work fails, the directory is what it
 * was. The copy lies beside it, so that what is relative to the one is to the other.
 */
export async function inStaging<Result>(path: string, work: (staging: string) => Promise<Result>): Promise<Result> {
  const directory = await realpath(path)
  const staging = await mkdtemp(`${directory}-`)
  try {
    await cp(directory, staging, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
    const result = await work(staging)
    await takePlace(staging, directory)
    return result
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

async function takePlace(staging: string, directory: string): Promise<void> {
  const earlier = `${staging}-earlier`
  await rename(directory, earlier)
  try {
    await rename(staging, directory)
  } catch (error) {
    await rename(earlier, directory)
    throw error
  }
  await rm(earlier, { recursive: true, force: true })
}
