import {
  type Diagnostic,
  diagnosticOf,
  ERROR_CODES,
  type ExitCode,
  exitCodeOf,
  isJanusError,
  type UndoReport,
} from '@janus/core'
import { remedyOfRefusals } from './render/insist.js'
import { type EndSignal, SIGNAL_EXIT_CODES } from './terminal/signals.js'

/** What a command that failed ends with and says. */
export interface Failure {
  readonly exitCode: ExitCode
  readonly diagnostics: readonly Diagnostic[]
  /** What an undo had to leave, when there was one. */
  readonly left?: UndoReport
}

/**
 * Describes the failure of a command. The code of the error decides over the exit code; work that was cancelled by a
 * signal ends with the code of that signal.
 * @param command what failed, as it is called: `history prune`
 */
export function describeFailure(error: unknown, signal: EndSignal | undefined, command?: string): Failure {
  const diagnostic = diagnosticOf(error)
  const data = isJanusError(error) ? error.data : {}
  const causes = causesOf(error)
  const detail = diagnostic.detail ?? (causes.length === 0 ? undefined : `because ${causes.join('; because ')}`)
  const remedy = remedyOfRefusals(data) ?? helpNamed(diagnostic, command)
  const left = data.undo === undefined ? undefined : (data.undo as UndoReport)
  return {
    exitCode: signal !== undefined && wasCancelled(error) ? SIGNAL_EXIT_CODES[signal] : exitCodeOf(error),
    diagnostics: [
      {
        ...diagnostic,
        ...(detail === undefined ? {} : { detail }),
        ...(remedy === undefined ? {} : { remedy }),
        ...(Object.keys(data).length === 0 ? {} : { data }),
      },
    ],
    ...(left === undefined || left.outcome === 'undone' ? {} : { left }),
  }
}

/** The exit code that goes with a diagnostic's code; 2 for one that the catalogue does not know. */
export function exitCodeOfDiagnostic({ code }: Diagnostic): ExitCode {
  return Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[code as keyof typeof ERROR_CODES].exitCode : 2
}

/** What was typed wrongly and says no way out of its own gets the help of its command. */
function helpNamed({ code, remedy }: Diagnostic, command: string | undefined): string | undefined {
  const isGeneral = code === 'JANUS_USAGE' && remedy === ERROR_CODES.JANUS_USAGE.remedy
  return isGeneral && command !== undefined ? `See \`janus help ${command}\`.` : undefined
}

function wasCancelled(error: unknown): boolean {
  if (isJanusError(error)) return error.code === 'JANUS_ABORTED' || error.code === 'JANUS_EXECUTOR_CANCELLED'
  return error instanceof Error && error.name === 'AbortError'
}

/** Messages of the causes, without those that the message before already holds. */
function causesOf(error: unknown): readonly string[] {
  const messages: string[] = []
  let current = error
  while (current instanceof Error && messages.length < 6) {
    const { message } = current
    if (!messages.some((earlier) => earlier.includes(message))) messages.push(message)
    current = current.cause
  }
  return messages.slice(1)
}
