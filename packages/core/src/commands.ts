import { userInfo } from 'node:os'
import type { ContributedCommand } from './contract/contributed-command.js'
import { contributedCommands } from './extensions/contributed-commands.js'
import { type Environment, userDirectories } from './state/state-directory.js'

export type { ContributedCommand } from './contract/contributed-command.js'

/**
 * The commands that packages add, for the help of a program that depends on some and reads the extensions of its user.
 * Made to be quick: neither a schema library nor the rest of core is loaded. `janus.command(name)` decides whether one may run.
 * @param settings.packageJson package.json of the program
 * @param settings.env for HOME and XDG_DATA_HOME
 */
export function listCommands(settings: {
  readonly packageJson: string
  readonly env: Environment
}): readonly ContributedCommand[] {
  const { packageJson, env } = settings
  const directories = [userDirectories(env, env.HOME ?? homeOf())] as const
  return contributedCommands([{ kind: 'dependencies-of', packageJson }, { kind: 'extensions' }], { directories })
}

function homeOf(): string {
  try {
    return userInfo().homedir
  } catch {
    return '/'
  }
}
