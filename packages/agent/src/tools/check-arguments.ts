import type { JsonValue } from '@janus/core'
import type { ArgumentGrammar, ArgumentOption } from '../contract/tool.js'
import { type ArgumentContext, valueProblem } from './check-value.js'

/** Why a tool does not take what it was given. */
export interface ArgumentRefusal {
  /** Which argument: `argument 3 "--exec"`, or `option "exec"`. Untrusted: show it with `visibleLine`. */
  readonly argument: string
  readonly because: string
}

/** What became of a check: the words that would be run, or the first that is refused. */
export type CheckedArguments =
  | { readonly ok: true; readonly argv: readonly string[] }
  | { readonly ok: false; readonly refusal: ArgumentRefusal }

/** What a tool was given. */
export interface GivenArguments {
  readonly args: readonly string[]
  readonly kwargs?: Readonly<Record<string, JsonValue>>
}

/** MAX_ARG_STRLEN of Linux: longer ones fail in execve(2). */
const MOST_ARGUMENT_BYTES = 131_071
const SHOWN = 80

/** The first thing that is wrong ends everything. */
type Refused = Error & { readonly refusal: ArgumentRefusal }

/**
 * Holds what a tool was given to its grammar: known options with values of their type, then as many positionals as there are, none of which begins with `-`. Nothing is guessed:
 * options are written out, never abbreviated or run together.
 * @returns the words behind the program's own: subcommand and options first, then `--` where the tool has it, then the positionals
 */
export function checkArguments(
  grammar: ArgumentGrammar,
  { args, kwargs = {} }: GivenArguments,
  context: ArgumentContext,
): CheckedArguments {
  try {
    return { ok: true, argv: wordsOf(grammar, args, kwargs, context) }
  } catch (error) {
    if (error instanceof Error && 'refusal' in error) return { ok: false, refusal: (error as Refused).refusal }
    throw error
  }
}

function wordsOf(
  grammar: ArgumentGrammar,
  args: readonly string[],
  kwargs: Readonly<Record<string, JsonValue>>,
  context: ArgumentContext,
): readonly string[] {
  const head: string[] = [...(grammar.fixed ?? [])]
  const positionals: { readonly word: string; readonly where: string }[] = []
  let level = grammar
  let used = new Set<ArgumentOption>()
  let ended = false
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index] ?? ''
    const where = `argument ${index + 1} ${shown(word)}`
    requireWord(word, where)
    if (!ended && word === '--') {
      if (!level.separator) throw refused(where, 'this tool has no --')
      ended = true
    } else if (!ended && word.startsWith('-')) {
      const taken = optionAt(level, args, index, where)
      use(taken.option, used, where)
      if (taken.value !== undefined) requireValue(taken.option, taken.value, where, context)
      head.push(...args.slice(index, index + taken.words))
      index += taken.words - 1
    } else if (level.subcommands !== undefined) {
      const next = Object.hasOwn(level.subcommands, word) ? level.subcommands[word] : undefined
      if (next === undefined) throw refused(where, `is none of ${Object.keys(level.subcommands).join(', ')}`)
      head.push(word, ...(next.fixed ?? []))
      level = next
      used = new Set()
    } else {
      positionals.push({ word, where })
    }
  }
  head.push(...namedWords(level, kwargs, used, context))
  if (level.subcommands !== undefined)
    throw refused('the arguments', `name none of ${Object.keys(level.subcommands).join(', ')}`)
  requirePositionals(level, positionals, context)
  const words = positionals.map(({ word }) => word)
  return [...head, ...(level.separator && words.length > 0 ? ['--'] : []), ...words]
}

/** The option that begins at a word, with its value. */
function optionAt(
  level: ArgumentGrammar,
  args: readonly string[],
  index: number,
  where: string,
): { readonly option: ArgumentOption; readonly value: string | undefined; readonly words: 1 | 2 } {
  const word = args[index] ?? ''
  const equals = word.startsWith('--') ? word.indexOf('=') : -1
  const name = equals === -1 ? word : word.slice(0, equals)
  const option = level.options.find(({ names }) => names.includes(name))
  if (option === undefined) throw refused(where, unknownOption(level))
  if (option.value === undefined) {
    if (equals !== -1) throw refused(where, 'takes no value')
    return { option, value: undefined, words: 1 }
  }
  if (equals !== -1) {
    if (option.form === 'separate') throw refused(where, 'takes its value as the next argument')
    return { option, value: word.slice(equals + 1), words: 1 }
  }
  const value = args[index + 1]
  if (value === undefined) throw refused(where, 'has no value')
  requireWord(value, `argument ${index + 2} ${shown(value)}`)
  if (value.startsWith('-') && option.value.kind !== 'integer') {
    const other = name.startsWith('--') && option.form !== 'separate' ? `: write ${name}=…` : ''
    throw refused(`argument ${index + 2} ${shown(value)}`, `is the value of ${name} and begins with -${other}`)
  }
  return { option, value, words: 2 }
}

/** Named arguments are long options of the innermost grammar, in the order of their names. */
function namedWords(
  level: ArgumentGrammar,
  kwargs: Readonly<Record<string, JsonValue>>,
  used: Set<ArgumentOption>,
  context: ArgumentContext,
): readonly string[] {
  return Object.entries(kwargs)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, given]) => {
      const where = `option ${shown(name)}`
      const option = level.options.find(({ names }) => names.includes(`--${name}`))
      if (option === undefined) throw refused(where, unknownOption(level))
      if (typeof given === 'object' && given !== null) throw refused(where, 'is a list or an object')
      if (given === false || given === null) return []
      use(option, used, where)
      if ((given === true) !== (option.value === undefined))
        throw refused(where, option.value === undefined ? 'takes no value' : 'has no value')
      if (option.value === undefined) return [`--${name}`]
      const value = String(given)
      requireWord(value, where)
      requireValue(option, value, where, context)
      if (option.form !== 'separate') return [`--${name}=${value}`]
      if (value.startsWith('-') && option.value.kind !== 'integer') throw refused(where, 'begins with -')
      return [`--${name}`, value]
    })
}

function requirePositionals(
  { positionals }: ArgumentGrammar,
  given: readonly { readonly word: string; readonly where: string }[],
  context: ArgumentContext,
): void {
  const last = positionals.at(-1)
  for (const [index, { word, where }] of given.entries()) {
    const expected = positionals[index] ?? (last?.repeatable === true ? last : undefined)
    if (expected === undefined) throw refused(where, 'is one too many')
    if (word.startsWith('-')) throw refused(where, `begins with -, which no ${expected.name} may`)
    const problem = valueProblem(expected.value, word, context)
    if (problem !== undefined) throw refused(where, `is no ${expected.name}: it ${problem}`)
  }
  const missing = positionals.slice(given.length).find(({ optional }) => optional !== true)
  if (missing !== undefined) throw refused('the arguments', `have no ${missing.name}`)
}

function requireValue(option: ArgumentOption, value: string, where: string, context: ArgumentContext): void {
  const problem = option.value === undefined ? undefined : valueProblem(option.value, value, context)
  if (problem !== undefined) throw refused(where, `has a value that ${problem}`)
}

function use(option: ArgumentOption, used: Set<ArgumentOption>, where: string): void {
  if (used.has(option) && option.repeatable !== true) throw refused(where, 'is given twice')
  used.add(option)
}

function requireWord(word: string, where: string): void {
  if (word.includes('\0')) throw refused(where, 'holds a NUL')
  if (Buffer.byteLength(word) > MOST_ARGUMENT_BYTES) throw refused(where, `is longer than ${MOST_ARGUMENT_BYTES} bytes`)
}

function unknownOption({ options }: ArgumentGrammar): string {
  const names = options.map(({ names: [name] }) => name)
  return names.length === 0 ? 'is an option, and this takes none' : `is none of ${names.join(', ')}`
}

function shown(word: string): string {
  return JSON.stringify(word.length > SHOWN ? `${word.slice(0, SHOWN)}…` : word)
}

function refused(argument: string, because: string): Refused {
  return Object.assign(new Error(because), { refusal: { argument, because } })
}
