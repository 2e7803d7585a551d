import { realpath } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { ModuleSource } from '../contract/janus.js'
import { janusError } from '../errors/janus-error.js'
import type { AskingUser } from '../modules/asking-user.js'
import { isOwnFile, readPackageFile } from '../modules/package-file.js'
import { readPins } from '../modules/pins.js'
import { requireSafeClosure } from '../modules/safe-module-path.js'
import { shellWord } from '../state/shell-word.js'
import type { NamedEntry } from './manifest-entries.js'
import { packageDigest } from './package-digest.js'

/** An entry that is to run in this process. */
export interface WantedEntry {
  /** `command fans`, for messages. */
  readonly what: string
  readonly entry: NamedEntry
  /** It comes with the running program. */
  readonly isOwn: boolean
}

/**
 * Decides whether code that a package adds may run in this process: it comes with the running program, or its package was trusted and is what it was then.
 * @returns the path of its entry, without links
 * @throws JANUS_COMMAND_NOT_FOUND where the entry is not there; JANUS_MODULE_ENTRY_OUTSIDE_PACKAGE, JANUS_MODULE_UNTRUSTED, JANUS_MODULE_INTEGRITY,
 * JANUS_MODULE_PATH_UNSAFE
 */
export async function requireRunnableEntry(
  { what, entry, isOwn }: WantedEntry,
  sources: readonly ModuleSource[],
  user: AskingUser,
): Promise<string> {
  const directory = await packageAbove(entry)
  if (!isOwn) await requireTrusted(what, entry, directory, sources, user)
  const path = await realpath(entry.path).catch((cause: unknown) => {
    throw janusError('JANUS_COMMAND_NOT_FOUND', `the entry ${entry.path} of ${what} does not exist`, { cause })
  })
  if (path.startsWith(`${directory}/`) && isOwnFile(relative(directory, path))) return path
  throw janusError('JANUS_MODULE_ENTRY_OUTSIDE_PACKAGE', `the entry of ${what} lies outside of ${directory}`)
}

async function requireTrusted(
  what: string,
  { source }: NamedEntry,
  directory: string,
  sources: readonly ModuleSource[],
  user: AskingUser,
): Promise<void> {
  const { pinOf } = await readPins(sources, user)
  const code = { directory, entry: '', kind: 'javascript' } as const
  const pin = pinOf({ id: source, type: 'unknown', version: 'unknown', source, code, diagnostics: [] })
  const remedy = `Read its code, then run \`janus module trust ${shellWord(source)}\`.`
  if (pin?.trusted !== true) {
    const message = `${what} runs with all your rights, and its package ${source} is not trusted`
    throw janusError('JANUS_MODULE_UNTRUSTED', message, { remedy })
  }
  await requireSafeClosure(directory, user)
  if ((await packageDigest(directory, { dependencies: true })) === pin.files) return
  throw janusError('JANUS_MODULE_INTEGRITY', `package ${source} in ${directory} is not what was trusted`, { remedy })
}

/** Directory of the package that the entry was read from, without links. */
async function packageAbove({ path, source }: NamedEntry): Promise<string> {
  for (let above = dirname(path); above !== dirname(above); above = dirname(above)) {
    const file = await readPackageFile(above)
    if (file?.content.name === source || above.endsWith(join('node_modules', source))) return file?.directory ?? above
  }
  throw janusError('JANUS_MODULE_ENTRY_OUTSIDE_PACKAGE', `the entry ${path} lies outside of package ${source}`)
}
