/**
 * What a shell completes a value with. `plan` is a plan file, `added` a package that was added, `option` a `key=value` of the module; a list is these words and no others.
 */
export type ValueKind =
  | 'file'
  | 'directory'
  | 'plan'
  | 'added'
  | 'module'
  | 'profile'
  | 'transaction'
  | 'device'
  | 'group'
  | 'option'
  | readonly string[]

/** One option of a command, in commander's notation. */
export interface OptionSpec {
  /** `--device <address...>`: three dots take several values. */
  readonly flags: string
  readonly summary: string
  /** May be given several times; every value is kept. */
  readonly repeatable?: boolean
  /** Attribute names of the options that it contradicts. */
  readonly conflicts?: readonly string[]
  /** What its value is, where the name of its placeholder does not say it: see `PLACEHOLDERS`. */
  readonly values?: ValueKind
}

/** One positional argument of a command, in commander's notation: `<file>`, `[module...]`. */
export interface ArgumentSpec {
  readonly name: string
  readonly summary: string
  /** What it is, where its name does not say it: see `PLACEHOLDERS`. */
  readonly values?: ValueKind
}

/** An example in a command's help. */
export interface ExampleSpec {
  readonly command: string
  readonly summary: string
}

/** Name of a command's implementation. */
export type Implementation = keyof typeof import('../commands/index.js')

/** All that help and parsing need to know of a command; implementations are imported when one runs. */
export interface CommandSpec {
  /** The words that call it: `history prune`. */
  readonly name: string
  /** One sentence: what it does. The first line of its help. */
  readonly summary: string
  readonly arguments?: readonly ArgumentSpec[]
  readonly options?: readonly OptionSpec[]
  /** Module that its `-o` is about, when no argument names one. */
  readonly module?: string
  readonly examples: readonly ExampleSpec[]
  readonly implementation: Implementation
}
