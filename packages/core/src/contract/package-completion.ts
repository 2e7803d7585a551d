/**
 * What a shell completes a word with: paths, what there is on the machine, or one of these words. `device` is the address
 * of a PCI device, `group` the number of an IOMMU group.
 */
export type CompletedValues =
  | 'file'
  | 'directory'
  | 'device'
  | 'group'
  | 'module'
  | 'profile'
  | 'transaction'
  | readonly string[]

/** An option of a command, for the completion of a shell. */
export interface CompletedOption {
  /** As help shows it: `--json`, `-o, --out <file>`; three dots take several values: `--device <address...>`. */
  readonly flags: string
  readonly summary: string
  /** May be given more than once. Default: false. */
  readonly repeatable?: boolean
  readonly values?: CompletedValues
}

/** A command of a package, for the completion of a shell. */
export interface CompletedCommand {
  /** All words that call it; the first ones are those of a command in the manifest: `agent proposals list`. */
  readonly words: string
  readonly summary: string
  /** What its positional arguments are, in order. */
  readonly arguments?: readonly { readonly values?: CompletedValues; readonly repeatable?: boolean }[]
  readonly options?: readonly CompletedOption[]
}

/** An option of a module, for the completion of `-o name=value`. */
export interface CompletedModuleOption {
  readonly name: string
  readonly summary: string
  readonly values?: CompletedValues
}

/**
 * What a shell may complete of a package: the JSON file that `completion` in its manifest names. It is data, so that a
 * press of the tabulator key runs no code of anybody.
 */
export interface PackageCompletion {
  readonly commands?: readonly CompletedCommand[]
  /** Options of its modules, by their ids. */
  readonly modules?: Readonly<Record<string, readonly CompletedModuleOption[]>>
}
