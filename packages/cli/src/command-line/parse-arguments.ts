import { Command, CommanderError, Option } from 'commander'
import { type AddedCommand, callableCommands } from './added-commands.js'
import type { CommandSpec, OptionSpec } from './command-spec.js'
import { COMMANDS, GROUPS, isGroup } from './command-table.js'
import { formatHelp } from './format-help.js'
import { GLOBAL_OPTIONS } from './options.js'

/** What a command line asks for. */
export type Request =
  | { readonly kind: 'run'; readonly spec: CommandSpec; readonly args: readonly string[]; readonly options: object }
  /** A command that a package adds, with the words behind its name. */
  | { readonly kind: 'added'; readonly name: string; readonly args: readonly string[] }
  /** Nothing was asked for by somebody who can be asked back. */
  | { readonly kind: 'guide' }
  /** `lists`: it is a list of commands, to which those of packages belong. */
  | { readonly kind: 'help'; readonly text: string; readonly lists: boolean }
  | { readonly kind: 'usage'; readonly command: string; readonly summary: string; readonly remedy: string }

/**
 * Reads a command line. Nothing is run, nothing is printed.
 * @param added commands of packages; none takes the place of one that is here
 */
export function parseArguments(argv: readonly string[], added: readonly AddedCommand[] = []): Request {
  const words = argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv
  const visible = callableCommands(added)
  const separator = words.includes('--') ? words.indexOf('--') : words.length
  const own = [...words.slice(0, separator).filter((word) => !GLOBAL_FLAGS.has(word)), ...words.slice(separator)]
  for (const count of [2, 1]) {
    const name = own.slice(0, count).join(' ')
    if (visible.some((one) => one.name === name)) return { kind: 'added', name, args: own.slice(count) }
  }
  return parseOwn(argv, visible)
}

/** What is answered for every command, wherever it stands; `--version` ends the matter before anything is parsed. */
const GLOBAL_FLAGS: ReadonlySet<string> = new Set(GLOBAL_OPTIONS.flatMap(({ flags }) => flags.split(', ')))

function parseOwn(argv: readonly string[], added: readonly AddedCommand[]): Request {
  const captured: { request?: Request; help: string; lists: boolean; failing?: string } = { help: '', lists: false }
  const program = new Command('janus')
  configure(program, 'Janus changes Linux machines in the open: every change is a plan you can read, verify and undo.')
  program.usage('<command> [options]').helpCommand(false)
  program.addHelpText('after', '\nRun `janus help <command>` for the options and examples of one.')
  for (const option of GLOBAL_OPTIONS) program.addOption(optionOf(option))
  for (const spec of COMMANDS) addCommand(program, spec)
  try {
    program.parse(withoutHelpWord(argv), { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return requestOf(error)
  }
  return captured.request ?? missingCommand('janus')

  function configure(command: Command, summary: string): void {
    command
      .description(summary)
      .exitOverride()
      .helpOption('-h, --help', 'show this help')
      .configureHelp({ formatHelp: (sub, help) => formatHelp(sub, help, added), showGlobalOptions: true })
      .configureOutput({
        writeOut: (text) => {
          captured.help += text
          captured.lists ||= command.parent === null || isGroup(wordsOf(command))
        },
        writeErr: () => {
          captured.failing ??= wordsOf(command)
        },
        outputError: () => {
          captured.failing ??= wordsOf(command)
        },
        getOutHelpWidth: () => 100,
        getOutHasColors: () => false,
        stripColor: (text) => text,
      })
  }

  function addCommand(parent: Command, spec: CommandSpec): void {
    const words = spec.name.split(' ')
    const last = words.at(-1) ?? spec.name
    const group = words.length > 1 ? groupOf(parent, words[0] ?? '') : parent
    const command = group.command(last).description(spec.summary)
    // Of a command that cannot be meant, help tells no more; to describe them all takes longer than to read the line.
    if (!words.every((word) => argv.includes(word))) return
    configure(command, spec.summary)
    for (const argument of spec.arguments ?? []) command.argument(argument.name, argument.summary)
    for (const option of spec.options ?? []) command.addOption(optionOf(option))
    command.addHelpText('after', examplesOf(spec))
    command.action(() => {
      captured.request = { kind: 'run', spec, args: command.args, options: command.opts() }
    })
  }

  function groupOf(parent: Command, word: string): Command {
    const existing = parent.commands.find((command) => command.name() === word)
    if (existing !== undefined) return existing
    const group = parent.command(word)
    configure(group, GROUPS[word] ?? '')
    group.addHelpText('after', `\nRun \`janus help ${word} <command>\` for the options and examples of one.`)
    return group
  }

  function requestOf(error: CommanderError): Request {
    if (captured.help !== '') return { kind: 'help', text: captured.help, lists: captured.lists }
    const command = captured.failing === undefined || captured.failing === '' ? 'janus' : captured.failing
    if (error.code === 'commander.help') return missingCommand(command)
    return { kind: 'usage', command, ...explain(error.message, command) }
  }
}

/** `help history prune` is `history prune --help`; words that are no command stay, to be refused as such. */
function withoutHelpWord(argv: readonly string[]): string[] {
  if (argv[0] !== 'help') return [...argv]
  const words = argv.slice(1).filter((word) => !word.startsWith('-') && word !== 'help')
  const name = words.join(' ')
  const known = name === '' || isGroup(name) || COMMANDS.some((spec) => spec.name === name)
  return known ? [...words, '--help'] : words
}

function optionOf({ flags, summary, repeatable, conflicts }: OptionSpec): Option {
  const option = new Option(flags, summary)
  if (conflicts !== undefined) option.conflicts([...conflicts])
  if (repeatable) option.argParser((value: string, earlier: readonly string[] = []) => [...earlier, value])
  return option
}

function wordsOf(command: Command): string {
  const parent = command.parent
  return parent === null ? '' : `${wordsOf(parent)} ${command.name()}`.trim()
}

function examplesOf({ examples }: CommandSpec): string {
  const width = Math.max(...examples.map(({ command }) => command.length))
  const lines = examples.map(({ command, summary }) => `  ${command.padEnd(width)}  ${summary}`)
  return ['', `Example${lines.length > 1 ? 's' : ''}:`, ...lines].join('\n')
}

function missingCommand(command: string): Request {
  const summary = command === 'janus' ? 'no command was given' : `janus ${command} needs a further word`
  return {
    kind: 'usage',
    command,
    summary,
    remedy: command === 'janus' ? 'See `janus help`.' : `See \`janus help ${command}\`.`,
  }
}

/** Splits commander's text into what is wrong and what was probably meant. */
function explain(message: string, command: string): { readonly summary: string; readonly remedy: string } {
  const [first = '', hint] = message.replace(/^error: /, '').split('\n')
  const meant = hint === undefined ? undefined : /Did you mean (?:one of )?(.*)\?/.exec(hint)?.[1]
  const help = command === 'janus' ? 'See `janus help`.' : `See \`janus help ${command}\`.`
  return {
    summary: first.replace(SURPLUS, surplus),
    remedy: meant === undefined ? help : `Did you mean ${meant}? ${help}`,
  }
}

/** Commander's sentence about a word too many. */
const SURPLUS = /^too many arguments for '(.*)'\. Expected (\d+) arguments? but got (\d+).*$/

function surplus(_: string, command: string, most: string, given: string): string {
  return `${command} takes ${most === '0' ? 'no argument' : most === '1' ? 'one argument' : `${most} arguments`}, not ${given}`
}
