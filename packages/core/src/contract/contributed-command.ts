import type { Diagnostic } from './diagnostic.js'
import type { Janus } from './janus.js'
import type { Logger } from './logger.js'

/** A command that a package adds to `janus`, by its manifest. */
export interface ContributedCommand {
  /** One word, or two with a blank between them: `fans`, `module create`. */
  readonly name: string
  readonly summary: string
  /** Package that brings it. */
  readonly source: string
  /** Path of its entry. */
  readonly path: string
}

/** What a contributed command is run with; the same as the commands of the house. */
export interface ContributedCommandContext {
  /** Goes to a file once the machine is being changed, nowhere before. */
  readonly log: Logger
  /** Aborted by the first signal that asks to end. */
  readonly signal: AbortSignal
  /** Opens the facade, on this machine or on the captured one at this path. */
  open(host?: string): Promise<Janus>
  /** Prints lines on stdout now, before the answer, for people: with `--json` nothing. What a terminal would obey in them is escaped. */
  print(text: string): void
  /** Asks for a yes. Rejects with JANUS_DECLINED, JANUS_CONFIRMATION_REQUIRED or JANUS_ABORTED without one. */
  confirm(consent: { readonly question: string; readonly yes: boolean }): Promise<void>
  /** Runs what changes the machine: from here on a log file is written and a signal is waited out. */
  mutate<Report>(work: () => Promise<Report>): Promise<Report>
}

/** What a contributed command answers. */
export interface ContributedCommandResult {
  /** The `data` of the JSON document. */
  readonly data: unknown
  /** The same for people. What a terminal would obey in it is escaped. */
  readonly text: string
  /** Default 0. */
  readonly exitCode?: number
  readonly diagnostics?: readonly Diagnostic[]
}

/** What the entry of a contributed command exports: `run`. */
export interface ContributedCommandModule {
  /** @param args the words behind the name of the command, options included, but for those of every command (`--json`, `--color`) */
  run(context: ContributedCommandContext, args: readonly string[]): Promise<ContributedCommandResult>
}
