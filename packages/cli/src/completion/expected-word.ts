import type { ValueKind } from '../command-line/command-spec.js'
import { attributeOf, type CompletedCommand, type CompletedOption } from './completed-command.js'

/** What can stand where the cursor is. */
export interface ExpectedWord {
  /** Commands that can be named here: the next word of each, with what it does. */
  readonly commands: readonly Candidate[]
  readonly options: readonly Candidate[]
  readonly values: readonly ValueKind[]
  /** What the word at the cursor begins with before the value: `--device=`, or nothing. */
  readonly prefix: string
  /** The part of the word at the cursor that the value begins with. */
  readonly begun: string
  /** Values that were given already for what can be given several times. */
  readonly given: readonly string[]
  /** What was said before the cursor that says what there is to choose from. */
  readonly context: LineContext
}

/** Words of the line that decide what there is. */
export interface LineContext {
  /** Machine that is looked at: `--host`. */
  readonly host?: string
  /** `--module`, for this run. */
  readonly modules: readonly string[]
  /** Module that `-o` is about. */
  readonly module?: string
}

/** A word that can be completed, with what it means. */
export interface Candidate {
  readonly word: string
  readonly summary: string
}

/** What there is to say. */
export interface Vocabulary {
  readonly commands: readonly CompletedCommand[]
  /** Options of every command. */
  readonly globals: readonly CompletedOption[]
  /** Words that only carry commands, with what they are for. */
  readonly groups: Readonly<Record<string, string>>
}

/**
 * Reads a command line up to the cursor.
 * @param words all behind the name of the program; the last one is what has been typed of the word at the cursor
 */
export function expectedWord({ commands, globals, groups }: Vocabulary, words: readonly string[]): ExpectedWord {
  const current = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const helps = before[0] === 'help'
  const { path, rest } = readPath(commands, globals, helps ? before.slice(1) : before)
  const command = commands.find((one) => one.words === path)
  const next = rest.length === 0 ? nextWords(commands, groups, path) : []
  if (helps) return { ...NOTHING, commands: next, begun: current }
  const known = [...(command?.options ?? []), ...globals, HELP]
  const said = readRest(known, rest)
  const context = contextOf(command, said)
  const [name, ...pieces] = current.split('=')
  const attached = pieces.length > 0 ? optionNamed(known, name ?? '') : undefined
  if (said.awaiting !== undefined && !said.awaiting.value?.several)
    return { ...NOTHING, ...valueExpected(said.awaiting, said), begun: current, context }
  if (attached?.value !== undefined && !said.separated)
    return { ...NOTHING, ...valueExpected(attached, said), prefix: `${name}=`, begun: pieces.join('='), context }
  if (current.startsWith('-') && !said.separated)
    return { ...NOTHING, options: remaining(known, said), begun: current, context }
  if (said.awaiting !== undefined) return { ...NOTHING, ...valueExpected(said.awaiting, said), begun: current, context }
  const positional = command?.arguments[said.positionals.length] ?? lastOfSeveral(command)
  const first = path === '' && rest.length === 0 ? [HELP_WORD] : []
  const nothingElse = next.length === 0 && positional === undefined && !said.separated
  return {
    ...NOTHING,
    commands: [...next, ...first],
    options: nothingElse ? remaining(known, said) : [],
    values: positional?.values ?? [],
    begun: current,
    given: said.positionals,
    context,
  }
}

const HELP: CompletedOption = {
  names: ['-h', '--help'],
  summary: 'show this help',
  repeatable: false,
  conflicts: [],
}
const HELP_WORD: Candidate = { word: 'help', summary: 'Show the options and examples of a command.' }
const NOTHING: ExpectedWord = {
  commands: [],
  options: [],
  values: [],
  prefix: '',
  begun: '',
  given: [],
  context: { modules: [] },
}

/** The words of the command, and what stands behind them. */
function readPath(
  commands: readonly CompletedCommand[],
  globals: readonly CompletedOption[],
  before: readonly string[],
): { readonly path: string; readonly rest: readonly string[] } {
  let path = ''
  for (const [index, word] of before.entries()) {
    if (optionNamed(globals, word) !== undefined) continue
    const longer = path === '' ? word : `${path} ${word}`
    if (!commands.some(({ words }) => words === longer || words.startsWith(`${longer} `)))
      return { path, rest: before.slice(index) }
    path = longer
  }
  return { path, rest: [] }
}

function nextWords(
  commands: readonly CompletedCommand[],
  groups: Readonly<Record<string, string>>,
  path: string,
): readonly Candidate[] {
  const next = new Map<string, string>()
  for (const { words, summary } of commands) {
    if (path !== '' && !words.startsWith(`${path} `)) continue
    const [word = '', ...further] = words.slice(path === '' ? 0 : path.length + 1).split(' ')
    const whole = path === '' ? word : `${path} ${word}`
    const meaning = further.length === 0 ? summary : (groups[whole] ?? next.get(word) ?? `${word} …`)
    if (!next.has(word) || further.length === 0) next.set(word, meaning)
  }
  return [...next].map(([word, summary]) => ({ word, summary }))
}

/** What stands behind the words of a command. */
interface SaidRest {
  readonly positionals: readonly string[]
  readonly options: readonly { readonly option: CompletedOption; readonly value?: string }[]
  /** The option whose value is at the cursor. */
  readonly awaiting?: CompletedOption
  /** Behind `--`. */
  readonly separated: boolean
}

function readRest(known: readonly CompletedOption[], rest: readonly string[]): SaidRest {
  const positionals: string[] = []
  const options: { option: CompletedOption; value?: string }[] = []
  let awaiting: CompletedOption | undefined
  for (const [index, word] of rest.entries()) {
    if (awaiting !== undefined && !(awaiting.value?.several && word.startsWith('-'))) {
      options.push({ option: awaiting, value: word })
      if (!awaiting.value?.several) awaiting = undefined
      continue
    }
    awaiting = undefined
    if (word === '--') return { positionals: [...positionals, ...rest.slice(index + 1)], options, separated: true }
    if (!word.startsWith('-') || word === '-') {
      positionals.push(word)
      continue
    }
    const equals = word.indexOf('=')
    const option = optionNamed(known, equals === -1 ? word : word.slice(0, equals))
    if (option === undefined) continue
    if (option.value === undefined) options.push({ option })
    else if (equals === -1) awaiting = option
    else options.push({ option, value: word.slice(equals + 1) })
  }
  return { positionals, options, separated: false, ...(awaiting === undefined ? {} : { awaiting }) }
}

function valueExpected(option: CompletedOption, { options }: SaidRest): Pick<ExpectedWord, 'values' | 'given'> {
  const given = options.flatMap((said) => (said.option === option && said.value !== undefined ? [said.value] : []))
  return { values: option.value?.values ?? [], given }
}

/** Options that can still be given: neither given already nor contradicted by one that was. */
function remaining(known: readonly CompletedOption[], { options }: SaidRest): readonly Candidate[] {
  const given = options.map(({ option }) => option)
  return known
    .filter((option) => option.repeatable || !given.includes(option))
    .filter((option) => !given.some((other) => contradict(option, other)))
    .flatMap(({ names, summary }) => names.map((word) => ({ word, summary })))
}

function contradict(one: CompletedOption, other: CompletedOption): boolean {
  return one.conflicts.includes(attributeOf(other)) || other.conflicts.includes(attributeOf(one))
}

function contextOf(command: CompletedCommand | undefined, { options, positionals }: SaidRest): LineContext {
  const valuesOf = (name: string): readonly string[] =>
    options.flatMap(({ option, value }) => (option.names.includes(name) && value !== undefined ? [value] : []))
  const host = valuesOf('--host').at(-1)
  const module = command?.module ?? (command?.arguments[0]?.values.includes('module') ? positionals[0] : undefined)
  return {
    ...(host === undefined ? {} : { host }),
    modules: valuesOf('--module'),
    ...(module === undefined ? {} : { module }),
  }
}

function lastOfSeveral(command: CompletedCommand | undefined): CompletedCommand['arguments'][number] | undefined {
  const last = command?.arguments.at(-1)
  return last?.several ? last : undefined
}

function optionNamed(known: readonly CompletedOption[], name: string): CompletedOption | undefined {
  return known.find(({ names }) => names.includes(name))
}
