import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Condition } from '../contract/change.js'
import type { ModuleRun } from '../contract/runnable-module.js'
import type { DiscoveredModule } from '../modules/discovered-module.js'
import { commandModuleError } from './command-module-error.js'

/** Folder beside `modules`, and of a package, that holds what programs source. */
const LIBRARY = 'lib'
const MOST_FILES = 200
const DEEPEST = 4

/**
 * Files that root runs with a program, as conditions: those of the folder `lib` of its tree or package, sorted by path.
 * A file named by itself has none.
 * @throws JANUS_MODULE_METADATA_INVALID when there are more than can be compared; JANUS_HOST_UNREADABLE
 */
export async function libraryConditions(found: DiscoveredModule, run: ModuleRun): Promise<readonly Condition[]> {
  const { directory, reads = [LIBRARY] } = found.code ?? {}
  if (directory === undefined || !reads.includes(LIBRARY)) return []
  const library = join(directory, LIBRARY)
  const paths: string[] = []
  await walk(library, 1)
  return Promise.all(paths.sort().map((path) => unchanged(found, path, run)))

  async function walk(folder: string, depth: number): Promise<void> {
    for (const name of (await run.host.list(folder)).value ?? []) {
      const path = join(folder, name)
      const type = (await run.host.stat(path)).value?.type
      if (type === 'file') paths.push(path)
      if (paths.length > MOST_FILES || (type === 'directory' && depth === DEEPEST)) {
        const message = `${library} holds more than ${MOST_FILES} files or ${DEEPEST} levels of folders, too many to be compared`
        throw commandModuleError(found, 'JANUS_MODULE_METADATA_INVALID', message)
      }
      if (type === 'directory') await walk(path, depth + 1)
    }
  }
}

/**
 * The condition that a file has the bytes that it has now.
 * @throws JANUS_HOST_UNREADABLE
 */
export async function unchanged(found: DiscoveredModule, path: string, { host }: ModuleRun): Promise<Condition> {
  const { value, unreadable } = await host.readBytes(path)
  if (value !== undefined) return { kind: 'sha256', path, value: createHash('sha256').update(value).digest('hex') }
  const message = `${path} cannot be read: ${unreadable ?? 'it does not exist'}`
  throw commandModuleError(found, 'JANUS_HOST_UNREADABLE', message)
}
