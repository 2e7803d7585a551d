import type { CommandSpec, OptionSpec, ValueKind } from '../command-line/command-spec.js'
import { PLACEHOLDERS, readPlaceholder } from '../command-line/placeholders.js'

/** A command, its notation read; those of packages look the same. */
export interface CompletedCommand {
  readonly words: string
  readonly summary: string
  readonly arguments: readonly CompletedArgument[]
  readonly options: readonly CompletedOption[]
  /** Module that its `-o` is about, when no argument names one. */
  readonly module?: string
}

/** A positional argument. */
export interface CompletedArgument {
  readonly values: readonly ValueKind[]
  readonly several: boolean
}

/** An option. */
export interface CompletedOption {
  /** `-o`, `--option`. */
  readonly names: readonly string[]
  readonly summary: string
  readonly repeatable: boolean
  /** Attribute names of the options that it contradicts: `dryRun`. */
  readonly conflicts: readonly string[]
  /** Absent for a flag. */
  readonly value?: CompletedArgument
}

/** Reads the notation of a command of the table, or of one that a package describes. */
export function completedCommand({
  name,
  summary,
  arguments: positionals = [],
  options = [],
  module,
}: Omit<CommandSpec, 'examples' | 'implementation'>): CompletedCommand {
  return {
    words: name,
    summary,
    arguments: positionals.flatMap(({ name: notation, values }) => argumentOf(notation, values) ?? []),
    options: options.map(completedOption),
    ...(module === undefined ? {} : { module }),
  }
}

/** Reads the notation of an option. */
export function completedOption({
  flags,
  summary,
  repeatable = false,
  conflicts = [],
  values,
}: OptionSpec): CompletedOption {
  const value = argumentOf(flags, values)
  return {
    names: flags
      .replace(/ ?[<[].*/, '')
      .split(', ')
      .filter((word) => word !== ''),
    summary,
    repeatable: repeatable || value?.several === true,
    conflicts,
    ...(value === undefined ? {} : { value }),
  }
}

/** The name under which other options contradict this one: `--dry-run` is `dryRun`, `--no-mask` is `mask`. */
export function attributeOf({ names }: CompletedOption): string {
  const long = names.at(-1) ?? ''
  return long.replace(/^--(no-)?/, '').replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function argumentOf(notation: string, values: ValueKind | undefined): CompletedArgument | undefined {
  const placeholder = readPlaceholder(notation)
  if (placeholder === undefined) return undefined
  const { names, several } = placeholder
  return { values: values === undefined ? names.map((name) => PLACEHOLDERS[name] ?? []) : [values], several }
}
