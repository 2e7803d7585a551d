/** What became of one case of a conformance suite. */
export interface ConformanceResult {
  /** Id of the clause it proves, stable: `check-changes-nothing`. `docs/module-api-v1.md` lists them. */
  readonly id: string
  /** The clause, and what it was tried on. */
  readonly title: string
  readonly ok: boolean
  /** What is wrong, for a case that failed. Text of the module may be in it: escape it before a terminal shows it. */
  readonly why?: string
}

/** What a conformance suite found out about one module. */
export interface ConformanceReport {
  /** Version of the Module API that was asked about. */
  readonly api: number
  readonly module: { readonly id: string; readonly version: string; readonly kind: 'javascript' | 'command' }
  /** File of the module, when it was found by a path. */
  readonly path?: string
  readonly results: readonly ConformanceResult[]
  readonly passed: number
  readonly total: number
  /** Ids of clauses that concern the module and that nothing could be tried of: it needs a fixture with options or a machine. */
  readonly untried: readonly string[]
}

/** How a module at a path is tested. */
export interface TestModuleOptions {
  /**
   * Path of a JavaScript file whose default export is a list of fixtures, or an object with one for each module id. Default:
   * `<name>.fixtures.js` or `.mjs` beside the file; for a package `conformance-fixtures.js` or `.mjs` in it.
   */
  readonly fixtures?: string
  /** Milliseconds that one case may take. A module that never gives the processor back cannot be interrupted. Default 60 000. */
  readonly deadline?: number
  /** Told each result as it comes. */
  readonly onResult?: (result: ConformanceResult) => void
  readonly signal?: AbortSignal
}
