import { nearestName } from '../config-text/nearest-name.js'
import type { ContributedCommand } from '../contract/contributed-command.js'
import type { ModuleSource } from '../contract/janus.js'
import { janusError } from '../errors/janus-error.js'
import type { AskingUser } from '../modules/asking-user.js'
import { contributedCommands } from './contributed-commands.js'
import { requireRunnableEntry } from './require-runnable-entry.js'

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
  const isOwn = contributedCommands(own, user).some(({ path }) => path === command.path)
  const path = await requireRunnableEntry({ what: `command ${name}`, entry: command, isOwn }, sources, user)
  return { ...command, path }
}

function notFound(name: string, commands: readonly ContributedCommand[]): Error {
  const nearest = nearestName(
    name,
    commands.map((command) => command.name),
  )
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`
  return janusError('JANUS_COMMAND_NOT_FOUND', `there is no command ${JSON.stringify(name.slice(0, 100))}${hint}`)
}
