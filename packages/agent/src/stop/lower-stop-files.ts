import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errnoOf } from '@janus/core/state'

/**
 * Takes the stop files away, whatever they are, by another name beside the old one: they are evidence.
 * @param stamp goes into the new name
 * @returns the new names
 * @throws the errno error of the rename; the stop still stands then
 */
export async function lowerStopFiles(paths: readonly string[], stamp: string): Promise<readonly string[]> {
  const lowered: string[] = []
  for (const path of paths) {
    const aside = `${path}.lifted-${stamp}`
    try {
      await rename(path, aside)
    } catch (error) {
      const errno = errnoOf(error)
      if (errno === 'ENOENT' || errno === 'ENOTDIR') continue
      throw error
    }
    const directory = await open(dirname(path), 'r')
    await directory.sync().finally(() => directory.close())
    lowered.push(aside)
  }
  return lowered
}
