import type { Command, Help } from 'commander'
import type { AddedCommand } from './added-commands.js'
import { COMMANDS } from './command-table.js'

/** A command's help: what it does on the first line, then how it is called. */
export function formatHelp(command: Command, help: Help, added: readonly AddedCommand[] = []): string {
  const own = help.visibleCommands(command).filter((sub) => sub.name() !== 'help')
  const commands = own.map((sub): Row => [sub.name(), sub.description()])
  const all = COMMANDS.map(({ name, summary }): Row => [name, summary])
  const options = help.visibleOptions(command).map((option): Row => [help.optionTerm(option), option.description])
  const globals = command.parent === null ? [] : help.visibleGlobalOptions(command)
  const sections = [
    command.description(),
    `Usage: ${help.commandUsage(command)}`,
    section(
      'Arguments',
      command.registeredArguments.map((argument): Row => [help.argumentTerm(argument), argument.description]),
    ),
    section('Commands', command.parent === null ? all : commands),
    section(
      'Commands of packages',
      addedBelow(command, added).map(({ name, summary, source }): Row => [name, `${summary} (${source})`]),
    ),
    section('Options', options),
    section(
      'Options of every command',
      globals.map((option): Row => [help.optionTerm(option), option.description]),
    ),
  ]
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`
}

/** All of them in the help of all; in that of a word, those that begin with it. */
function addedBelow(command: Command, added: readonly AddedCommand[]): readonly AddedCommand[] {
  return command.parent === null ? added : added.filter(({ name }) => name.startsWith(`${command.name()} `))
}

type Row = readonly [term: string, description: string]

function section(title: string, rows: readonly Row[]): string {
  if (rows.length === 0) return ''
  const width = Math.max(...rows.map(([term]) => term.length))
  return [`${title}:`, ...rows.map(([term, description]) => `  ${term.padEnd(width)}  ${description}`)].join('\n')
}
