import type { Diagnostic } from './diagnostic.js'
import type { Logger } from './logger.js'

/** A check that a package adds to `janus doctor`, by its manifest. */
export interface ContributedCheck {
  /** Kebab-case: `agent`. */
  readonly name: string
  readonly summary: string
  /** Package that brings it. */
  readonly source: string
  /** Path of its entry. */
  readonly path: string
}

/** What a contributed check is run with. It looks, and changes nothing. */
export interface ContributedCheckContext {
  /** Where the journal lies; see `Janus.stateDirectory`. */
  readonly stateDirectory: string
  /** Who asks. */
  readonly uid: number
  readonly log: Logger
  /** Aborted when the check has taken too long; what it answers after that is not waited for. */
  readonly signal: AbortSignal
}

/** What the entry of a contributed check exports: `check`. */
export interface ContributedCheckModule {
  /** @returns what is wrong, and what is worth knowing, most important first; holds no secrets */
  check(context: ContributedCheckContext): Promise<readonly Diagnostic[]>
}
