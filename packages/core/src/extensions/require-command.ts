import { realpath } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { nearestName } from '../config-text/nearest-name.js'
import type { ContributedCommand } from '../contract/contributed-command.js'
import type { ModuleSource } from '../contract/janus.js'
import { janusError } from '../errors/janus-error.js'
import type { AskingUser } from '../modules/asking-user.js'
import { isOwnFile, readPackageFile } from '../modules/package-file.js'
import { readPins } from '../modules/pins.js'
import { requireSafeClosure } from '../modules/safe-module-path.js'
import { contributedCommands } from './contributed-commands.js'
import { packageDigest } from './package-digest.js'

/**
 * Finds a command and decides whether its code may run: it comes with the running program, or its package was trusted
 * and is what it was then.
 * @throws JANUS_COMMAND_NOT_FOUND, JANUS_MODULE_ENTRY_OUTSIDE_PACKAGE, JANUS_MODULE_UNTRUSTED, JANUS_MODULE_INTEGRITY,
 * JANUS_MODULE_PATH_UNSAFE
 */
export async function requireCommand(
  name: string,
  sources: readonly ModuleSource[],
  user: AskingUser,
): Promise<ContributedCommand> {
  const own = sources.filter(({ kind }) => kind !== 'extensions')
  const command = contributedCommands(sources, user).find((one) => one.name === name)
  if (command === undefined) throw notFound(name, contributedCommands(sources, user))
  const directory = await packageAbove(command)
  const isOwn = contributedCommands(own, user).some(({ path }) => path === command.path)
  if (!isOwn) await requireTrusted(command, directory, sources, user)
  const path = await realpath(command.path).catch((cause: unknown) => {
    throw janusError('JANUS_COMMAND_NOT_FOUND', `the entry ${command.path} of command ${name} does not exist`, {
      cause,
    })
  })
  if (path.startsWith(`${directory}/`) && isOwnFile(relative(directory, path))) return { ...command, path }
  throw janusError('JANUS_MODULE_ENTRY_OUTSIDE_PACKAGE', `the entry of command ${name} lies outside of ${directory}`)
}

async function requireTrusted(
  { name, source }: ContributedCommand,
  directory: string,
  sources: readonly ModuleSource[],
  user: AskingUser,
): Promise<void> {
  const { pinOf } = await readPins(sources, user)
  const code = { directory, entry: '', kind: 'javascript' } as const
  const pin = pinOf({ id: source, type: 'unknown', version: 'unknown', source, code, diagnostics: [] })
  const remedy = `Read its code, then run janus module trust ${source}.`
  if (pin?.trusted !== true) {
    const message = `command ${name} runs with all your rights, and its package ${source} is not trusted`
    throw janusError('JANUS_MODULE_UNTRUSTED', message, { remedy })
  }
  await requireSafeClosure(directory, user)
  if ((await packageDigest(directory, { dependencies: true })) === pin.files) return
  throw janusError('JANUS_MODULE_INTEGRITY', `package ${source} in ${directory} is not what was trusted`, { remedy })
}

/** Directory of the package that the command was read from, without links. */
async function packageAbove({ path, source }: ContributedCommand): Promise<string> {
  for (let above = dirname(path); above !== dirname(above); above = dirname(above)) {
    const file = await readPackageFile(above)
    if (file?.content.name === source || above.endsWith(join('node_modules', source))) return file?.directory ?? above
  }
  throw janusError('JANUS_MODULE_ENTRY_OUTSIDE_PACKAGE', `the entry ${path} lies outside of package ${source}`)
}

function notFound(name: string, commands: readonly ContributedCommand[]): Error {
  const nearest = nearestName(
    name,
    commands.map((command) => command.name),
  )
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`
  return janusError('JANUS_COMMAND_NOT_FOUND', `there is no command ${JSON.stringify(name.slice(0, 100))}${hint}`)
}
