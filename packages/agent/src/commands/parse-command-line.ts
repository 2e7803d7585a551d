import { type ParseArgsConfig, parseArgs } from 'node:util'
import { janusError } from '@janus/core'
import type { AgentCommand } from './agent-command.js'
import { commandUsage } from './command-usage.js'

/** A command line, understood. */
export interface ParsedCommandLine {
  readonly command: AgentCommand
  readonly positionals: Readonly<Record<string, string>>
  readonly values: Readonly<Record<string, string | boolean | readonly string[] | undefined>>
}

/** Asked for help instead of a command: of these, which is one or a list. */
export interface HelpWanted {
  readonly help: AgentCommand | readonly AgentCommand[]
}

/** Options that every command has. */
export const COMMON_OPTIONS = {
  config: {
    type: 'string',
    value: '<file>',
    summary: 'the configuration; default: /etc/janus/agent.yaml, then /srv/janus/config/agent.yaml',
  },
  help: { type: 'boolean', summary: 'print this' },
} as const satisfies AgentCommand['options']

/**
 * Finds the command that a line names and reads its arguments.
 * @param commands all there are
 * @param args the words behind the name of the program
 * @throws JANUS_USAGE
 */
export function parseCommandLine(
  commands: readonly AgentCommand[],
  args: readonly string[],
  program: string,
): ParsedCommandLine | HelpWanted {
  const command = commandOf(commands, args)
  if (command === undefined) return withoutCommand(commands, args, program)
  const remedy = `See \`${program} ${command.words} --help\`.`
  const { values, positionals } = parsed(command, args.slice(command.words.split(' ').length), remedy)
  if (values.help === true) return { help: command }
  // No boolean option may be repeated, so a list is one of texts.
  return {
    command,
    positionals: named(command, positionals, remedy),
    values: values as ParsedCommandLine['values'],
  }
}

/** The text of `--help`. */
export function helpText({ help }: HelpWanted, program: string): string {
  if (!isList(help)) return commandUsage(help, program, COMMON_OPTIONS)
  const width = Math.max(...help.map(({ words }) => words.length))
  return [
    `${program} <command>`,
    '',
    ...help.map(({ words, summary }) => `  ${words.padEnd(width)}  ${summary}`),
    '',
    `\`${program} <command> --help\` tells more of one.`,
  ].join('\n')
}

function isList(help: HelpWanted['help']): help is readonly AgentCommand[] {
  return Array.isArray(help)
}

/** A word that only carries commands, `mode`, lists those when help is asked for. What stands behind an option may be its value. */
function withoutCommand(commands: readonly AgentCommand[], args: readonly string[], program: string): HelpWanted {
  const option = args.findIndex((word) => word.startsWith('-'))
  const words = args.slice(0, option < 0 ? undefined : option).slice(0, 2)
  const below = commands.filter((command) => words.length === 1 && command.words.startsWith(`${words[0]} `))
  const isHelp = args.some((word) => word === '--help' || word === '-h')
  if (args.length === 0 || (isHelp && words.length === 0)) return { help: commands }
  if (isHelp && below.length > 0) return { help: below }
  if (below.length > 0) throw misused(`${words[0]} needs a further word`, `See \`${program} ${words[0]} --help\`.`)
  const remedy = `See \`${program} --help\`.`
  if (words.length === 0) throw misused('a command stands before its options', remedy)
  throw misused(`there is no command ${JSON.stringify(words.join(' '))}`, remedy)
}

/** The longest name that fits, so that `mode show` goes before a command `mode`. */
function commandOf(commands: readonly AgentCommand[], args: readonly string[]): AgentCommand | undefined {
  return commands
    .filter(({ words }) => words.split(' ').every((word, index) => args[index] === word))
    .toSorted((one, other) => other.words.length - one.words.length)[0]
}

function parsed({ options }: AgentCommand, args: readonly string[], remedy: string) {
  const wanted = Object.entries({ ...COMMON_OPTIONS, ...options }).map(
    ([name, { type, multiple = false }]: [string, AgentCommand['options'][string]]) => [name, { type, multiple }],
  )
  try {
    return parseArgs({
      args: [...args],
      options: Object.fromEntries(wanted) as NonNullable<ParseArgsConfig['options']>,
      allowPositionals: true,
    })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    // Node goes on with advice, in words that are not ours.
    throw misused(/^Unknown option '[^']*'/.exec(message)?.[0] ?? message, remedy)
  }
}

function named(
  { positionals }: AgentCommand,
  given: readonly string[],
  remedy: string,
): Readonly<Record<string, string>> {
  const missing = positionals.find((name, index) => !name.endsWith('?') && given[index] === undefined)
  if (missing !== undefined) throw misused(`<${missing}> is missing`, remedy)
  const surplus = given[positionals.length]
  if (surplus !== undefined) throw misused(`${JSON.stringify(surplus)} is one word too many`, remedy)
  return Object.fromEntries(given.map((word, index) => [(positionals[index] ?? '').replace(/\?$/, ''), word]))
}

function misused(message: string, remedy: string): Error {
  return janusError('JANUS_USAGE', message, { remedy })
}
