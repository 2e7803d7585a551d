import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModuleSource } from '../contract/janus.js'
import { extensionDirectory } from '../extensions/extension-directory.js'
import { lockFileIn, readLockFile } from '../extensions/lock-file.js'
import type { Pin } from '../extensions/lock-schema.js'
import type { AskingUser } from './asking-user.js'
import type { DiscoveredModule } from './discovered-module.js'
import { type PinOf, placeOf } from './module-policy.js'
import { isPackageName } from './package-file.js'
import { problemAt } from './problem-at.js'
import { requireSafeFile } from './safe-module-path.js'

/** What a user agreed to, and what is wrong with the files that say so. */
export interface Pins {
  readonly pinOf: PinOf
  readonly problems: readonly DiscoveredModule[]
}

/**
 * Reads the pins that count for these sources: those of the user, and of the one who called sudo. What a project pins
 * for itself does not count as the user's word.
 */
export async function readPins(sources: readonly ModuleSource[], user: AskingUser): Promise<Pins> {
  const places = new Map<string, Pin>()
  const problems: DiscoveredModule[] = []
  const isPinned = sources.some(({ kind }) => kind !== 'module' && kind !== 'dependencies-of' && kind !== 'tree-of')
  for (const directories of isPinned ? user.directories : []) {
    const directory = extensionDirectory(directories)
    try {
      const { modules } = await readLockFile(directory)
      const pinned = Object.entries(modules)
      if (pinned.length > 0) await requireSafeFile(lockFileIn(directory), user)
      for (const [key, pin] of pinned) {
        const place = await placeOfKey(directory, key)
        if (!places.has(place)) places.set(place, pin)
      }
    } catch (error) {
      problems.push(problemAt(lockFileIn(directory), error))
    }
  }
  return { pinOf: (module) => places.get(placeOf(module)), problems }
}

/** Where what is pinned under this key lies, without links. */
async function placeOfKey(directory: string, key: string): Promise<string> {
  const path = isPackageName(key) ? join(directory, 'node_modules', key) : key
  return realpath(path).catch(() => path)
}
