import { lstatSync } from 'node:fs'
import { join } from 'node:path'

/** Name of the file in the state directory that stops everything, besides the configured one. */
export const STOP_FILE = 'EMERGENCY_STOP'

/**
 * Where a stop is looked for, and kept: the configured file first, then the one in the state directory, which can be written when the other place cannot.
 * @param configured undefined when the settings look for none
 */
export function stopFiles(stateDirectory: string, configured: string | undefined): readonly string[] {
  const own = join(stateDirectory, STOP_FILE)
  return configured === undefined || configured === own ? [own] : [configured, own]
}

/**
 * Looks for one: anything of that name counts, a link to nowhere and a directory too, and so does a place that cannot be looked at.
 * @returns why everything stands still; undefined when nothing does
 */
export function findStop(paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const found = lookFor(path)
    if (found !== undefined) return found
  }
  return undefined
}

function lookFor(path: string): string | undefined {
  try {
    lstatSync(path)
    return `${path} is there`
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : `${path} cannot be looked for: ${code}`
  }
}
