import type { CompletedModuleOption } from '@janus/core/commands'
import type { ValueKind } from '../command-line/command-spec.js'
import type { Candidate, ExpectedWord, LineContext } from './expected-word.js'

/** What a shell is told: words to choose from, and which paths of its own it shall add. */
export interface CompletionAnswer {
  readonly candidates: readonly Candidate[]
  readonly paths?: CompletedPaths
}

/** Paths, which a shell knows better how to complete: it knows its quoting and its `~`. */
export interface CompletedPaths {
  readonly only: 'directories' | 'files'
  /** Ends of the names of the files, without a dot; any when empty. */
  readonly suffixes: readonly string[]
  /** What stands before the path in the word at the cursor: `--out=`. */
  readonly prefix: string
}

/** Where values come from. */
export interface ValueSources {
  /** What there is on the machine; nothing when it cannot be read. */
  machine(kind: ValueKind, context: LineContext): Promise<readonly Candidate[]>
  /** Options of a module; none when its package does not describe them. */
  moduleOptions(module: string): readonly CompletedModuleOption[]
}

/** Finds the words that fit where the cursor is. */
export async function answerFor(expected: ExpectedWord, sources: ValueSources): Promise<CompletionAnswer> {
  const { commands, options, values, prefix, begun } = expected
  const found = await Promise.all(values.map((kind) => valuesOf(kind, expected, sources)))
  const own = [...commands, ...options].filter(({ word }) => word.startsWith(begun))
  const candidates = found
    .flat()
    .filter(({ word }) => SAFE_VALUE.test(word) && word.startsWith(begun))
    .map(({ word, summary }) => ({ word: `${prefix}${word}`, summary }))
  const paths = pathsOf(values, prefix)
  return { candidates: unique([...own, ...candidates]), ...(paths === undefined ? {} : { paths }) }
}

/**
 * A value from a machine or a package is put on the line as it is: nothing in it may mean something to a shell, end the
 * word, or make an option of it.
 */
const SAFE_VALUE = /^[A-Za-z0-9][A-Za-z0-9_.:=@,+/-]{0,199}$/

async function valuesOf(
  kind: ValueKind,
  { begun, given, context }: ExpectedWord,
  sources: ValueSources,
): Promise<readonly Candidate[]> {
  if (typeof kind === 'object') return kind.map((word) => ({ word, summary: '' }))
  if (kind === 'option') return await assignments(begun, given, context, sources)
  const all = await sources.machine(kind, context)
  return all.filter(({ word }) => !given.includes(word))
}

/** `-o key=value`: the keys, then the values of the one that was chosen. */
async function assignments(
  begun: string,
  given: readonly string[],
  context: LineContext,
  sources: ValueSources,
): Promise<readonly Candidate[]> {
  const options = context.module === undefined ? [] : sources.moduleOptions(context.module)
  const equals = begun.indexOf('=')
  if (equals === -1) return options.map(({ name, summary }) => ({ word: `${name}=`, summary }))
  const key = begun.slice(0, equals)
  const values = options.find(({ name }) => name === key)?.values
  if (values === undefined) return []
  const written = typeof values === 'string' ? await sources.machine(values, context) : values.map(wordOnly)
  return written
    .map(({ word, summary }) => ({ word: `${key}=${word}`, summary }))
    .filter(({ word }) => !given.includes(word))
}

function pathsOf(values: readonly ValueKind[], prefix: string): CompletedPaths | undefined {
  if (values.includes('directory')) return { only: 'directories', suffixes: [], prefix }
  if (values.includes('file')) return { only: 'files', suffixes: [], prefix }
  const suffixes = [
    ...(values.includes('plan') ? ['json'] : []),
    ...(values.includes('profile') ? ['yaml', 'yml', 'json'] : []),
  ]
  return suffixes.length === 0 ? undefined : { only: 'files', suffixes, prefix }
}

function wordOnly(word: string): Candidate {
  return { word, summary: '' }
}

function unique(candidates: readonly Candidate[]): readonly Candidate[] {
  const known = new Map(candidates.map((candidate) => [candidate.word, candidate]))
  return [...known.values()]
}
