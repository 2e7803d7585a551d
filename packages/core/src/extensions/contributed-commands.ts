import type { ContributedCommand } from '../contract/contributed-command.js'
import type { ModuleSource } from '../contract/janus.js'
import { COMMAND_NAME } from '../contract/patterns.js'
import type { AskingUser } from '../modules/asking-user.js'
import { namedEntries } from './manifest-entries.js'

/** Where packages that may add commands are installed: by whom does not matter for listing them. */
export type CommandSource = Extract<ModuleSource, { readonly kind: 'dependencies-of' | 'tree-of' | 'extensions' }>

/** The commands that packages add to `janus`. The first of a name wins. */
export function contributedCommands(
  sources: readonly ModuleSource[],
  user: Pick<AskingUser, 'directories'>,
): readonly ContributedCommand[] {
  return namedEntries(sources, user, { key: 'commands', name: COMMAND_NAME })
}
