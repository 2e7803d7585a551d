import { accessSync, constants, statSync } from 'node:fs'
import type { QueryAnswer } from '../../contract/query.js'

/**
 * Finds a program on a search path as execvp(3) would, without running anything.
 * @param name file name of the program, no slash
 * @param searchPath value of PATH; entries that are not absolute are passed over
 */
export function findProgram(name: string, searchPath: string | undefined): QueryAnswer<'program'> {
  if (!/^[A-Za-z0-9._+-]{1,255}$/.test(name))
    return { available: false, reason: `${JSON.stringify(name)} is not the name of a program` }
  const directories = (searchPath ?? '').split(':').filter((directory) => directory.startsWith('/'))
  const found = directories.map((directory) => `${directory.replace(/\/+$/, '')}/${name}`).find(isExecutableFile)
  return { available: true, path: found ?? null }
}

function isExecutableFile(path: string): boolean {
  try {
    if (!statSync(path).isFile()) return false
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
