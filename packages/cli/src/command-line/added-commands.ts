import { COMMANDS, isGroup } from './command-table.js'

/** A command that a package adds, as far as help goes. */
export interface AddedCommand {
  readonly name: string
  readonly summary: string
  readonly source: string
}

/** Those that can be called: none takes the place of a command of Janus. */
export function callableCommands<Added extends Pick<AddedCommand, 'name'>>(added: readonly Added[]): readonly Added[] {
  return added.filter(({ name }) => !isTaken(name))
}

/** Words that carry commands of Janus carry those of packages too; no other word of Janus does, and none is replaced. */
function isTaken(name: string): boolean {
  const [first = ''] = name.split(' ')
  return isGroup(name) || name === 'help' || COMMANDS.some((spec) => spec.name === name || spec.name === first)
}
