import type { Diagnostic, ExitCode, Janus, Logger } from '@janus/core'
import type { Fragment } from './render/markup.js'
import type { Palette } from './render/palette.js'
import type { Drawing } from './terminal/drawing.js'

/** What a command answers; the runner prints it as text or as JSON. */
export interface CommandResult {
  /** The `data` of the JSON document. */
  readonly data: unknown
  /** The same for people. */
  readonly text: Fragment
  /** Default 0. */
  readonly exitCode?: ExitCode
  /** Remarks that go beside the result: to stderr, or into the document. */
  readonly diagnostics?: readonly Diagnostic[]
}

/** What a yes is asked with. */
export interface Consent {
  readonly question: string
  /** `--yes`. */
  readonly yes: boolean
}

/** What a command may do besides calling the facade. */
export interface CommandContext {
  /** Colours of stdout. */
  readonly palette: Palette
  /** What stdout can show. */
  readonly drawing: Drawing
  /** Goes to a file once the machine is being changed, nowhere before. */
  readonly log: Logger
  /** Aborted by the first signal that asks to end. */
  readonly signal: AbortSignal
  /** Directory that relative paths of the command line are relative to. */
  readonly cwd: string
  /** Opens the facade, on this machine or on the captured one at this path, with these modules beside those found. */
  open(host?: string, modules?: readonly string[]): Promise<Janus>
  /** Prints on stderr what is about to be asked for, in the colours of stderr. */
  show(preview: (palette: Palette) => Fragment): void
  /** Prints on stdout now, before the result; nothing with `--json`. */
  print(said: Fragment): void
  /** Asks for a yes. Returns only with one: JANUS_DECLINED, JANUS_CONFIRMATION_REQUIRED and JANUS_ABORTED end the command. */
  confirm(consent: Consent): Promise<void>
  /** Asks for a line, which is empty at the end of the input. JANUS_CONFIRMATION_REQUIRED where nobody can be asked. */
  line(question: Fragment): Promise<string>
  /** Lets a question of another kind have the terminal: until it is answered nothing tells that Janus is at work. */
  asking<Answer>(question: () => Promise<Answer>): Promise<Answer>
  /** Runs what changes the machine: from here on a log file is written and a signal is waited out. */
  mutate<Report>(work: () => Promise<Report>): Promise<Report>
}

/** What a file in `commands/` exports. */
export interface CommandModule {
  run(context: CommandContext, args: readonly string[], options: object): Promise<CommandResult>
}
