/** What a run of a tool does outside of its workspace, at most. */
export type ToolSideEffects = 'none' | 'workspace' | 'outside'

/** What a tool is and may be given: data, read without running anything of it. */
export interface ToolDeclaration {
  /** `[a-z0-9][a-z0-9_-]{0,63}` */
  readonly name: string
  readonly summary: string
  readonly sideEffects: ToolSideEffects
  /** Whether it may be given a network. */
  readonly network: boolean
  /** Whether it writes anything at all, its workspace included. */
  readonly writes: boolean
  /** Running it twice leaves what running it once leaves. */
  readonly idempotent: boolean
  /** What it did can be undone by an action that a proposal may name as its rollback. */
  readonly reversible: boolean
  /** Runs whatever its arguments say: always of high risk, whatever else it declares. */
  readonly interpreter: boolean
  readonly arguments: ArgumentGrammar
  /**
   * A read-only command that tells after a crash whether the run took effect: exit status 0 means it did, 1 that it did not. The arguments of the action follow it. Behind it stand the
   * arguments of the run. In a package it may begin with `./` and name a file of it.
   */
  readonly probe?: readonly string[]
}

/** A tool as it is declared. In the `tools` key of a `janus` manifest, or an entry of `tools[]` in agent.yaml. */
export interface ToolManifest extends ToolDeclaration {
  /** Program and its first arguments. A package names its own file with `entry` instead. */
  readonly command: readonly string[]
}

/** A tool named in the `janus` field of a package.json. Exactly one of `entry` and `command` says what runs. */
export interface ManifestTool extends ToolDeclaration {
  /**
   * A file of the package, relative to it. One that ends in `.js`, `.mjs` or `.cjs` is run by Node.js; any other has to be executable itself. The package is all that
   * it sees besides /usr and its workspace.
   */
  readonly entry?: string
  /** A program of the host and its first arguments. */
  readonly command?: readonly string[]
}

/** What a tool may be given. What is not named is refused. */
export interface ArgumentGrammar {
  /** Words that always stand before whatever is given. */
  readonly fixed?: readonly string[]
  readonly options: readonly ArgumentOption[]
  readonly positionals: readonly ArgumentPositional[]
  /** Whether `--` stands before the positionals: then none of them is an option. */
  readonly separator: boolean
  /** Names of the first word that choose a subcommand with a grammar of its own. */
  readonly subcommands?: Readonly<Record<string, ArgumentGrammar>>
}

/** An option of a tool. */
export interface ArgumentOption {
  /** As it is written: `--max-count`, `-n`. */
  readonly names: readonly string[]
  /** Undefined: it takes no value. */
  readonly value?: ArgumentValue
  readonly repeatable?: boolean
  /** `separate`: the program does not understand `--name=value`, its value is a word of its own. */
  readonly form?: 'separate'
}

/** A positional argument of a tool. */
export interface ArgumentPositional {
  readonly name: string
  readonly value: ArgumentValue
  readonly optional?: boolean
  /** Only the last one. */
  readonly repeatable?: boolean
}

/** What an argument may be. */
export type ArgumentValue =
  /** Any text up to so many bytes (default 4096); a positional never begins with `-`. */
  | { readonly kind: 'text'; readonly mostBytes?: number }
  | { readonly kind: 'integer'; readonly least?: number; readonly most?: number }
  | { readonly kind: 'choice'; readonly of: readonly string[] }
  /** A path inside the workspace, or below one of these absolute directories. */
  | { readonly kind: 'path'; readonly below?: readonly string[] }
  /** http or https, its host among the domains of the action. */
  | { readonly kind: 'url' }
  /** A regular expression that the whole text must match, of at most 1024 bytes. Three repetitions, no group repeated, nothing that looks back or around. */
  | { readonly kind: 'pattern'; readonly pattern: string }
