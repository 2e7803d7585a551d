import { type Diagnostic, diagnosticOf, ERROR_CODES, type ExitCode, exitCodeOf, isJanusError } from '@janus/core'
import { type EndSignal, SIGNAL_EXIT_CODES } from './terminal/signals.js'

/**
 * The exit code and the diagnostic of a command that failed. The code of the error decides; work that was cancelled
 * by a signal ends with the code of that signal.
 */
export function describeFailure(
  error: unknown,
  signal: EndSignal | undefined,
): { readonly exitCode: ExitCode; readonly diagnostics: readonly Diagnostic[] } {
  const causes = causesOf(error)
  const diagnostic = diagnosticOf(error)
  const detail = diagnostic.detail ?? (causes.length === 0 ? undefined : `because ${causes.join('; because ')}`)
  return {
    exitCode: signal !== undefined && wasCancelled(error) ? SIGNAL_EXIT_CODES[signal] : exitCodeOf(error),
    diagnostics: [detail === undefined ? diagnostic : { ...diagnostic, detail }],
  }
}

/** The exit code that goes with a diagnostic's code; 2 for one that the catalogue does not know. */
export function exitCodeOfDiagnostic({ code }: Diagnostic): ExitCode {
  return code in ERROR_CODES ? ERROR_CODES[code as keyof typeof ERROR_CODES].exitCode : 2
}

function wasCancelled(error: unknown): boolean {
  if (isJanusError(error)) return error.code === 'JANUS_ABORTED' || error.code === 'JANUS_EXECUTOR_CANCELLED'
  return error instanceof Error && error.name === 'AbortError'
}

function causesOf(error: unknown): readonly string[] {
  const causes: string[] = []
  let cause = error instanceof Error ? error.cause : undefined
  while (cause instanceof Error && causes.length < 5) {
    causes.push(cause.message)
    cause = cause.cause
  }
  return causes
}
