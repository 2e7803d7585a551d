import type { Diagnostic } from '../contract/diagnostic.js'
import { ERROR_BRAND, JANUS_BRAND } from '../contract/symbols.js'
import { ERROR_CODES, type ExitCode, type JanusErrorCode } from './codes.js'

/** What a {@link JanusError} is made of besides its code and message. */
export interface JanusErrorDetails {
  /** The way out; the catalogue's when left out. */
  readonly remedy?: string
  /** Machine-readable particulars: the path, the value found, the value expected. */
  readonly data?: Readonly<Record<string, unknown>>
  /** The id of the module the error is about. */
  readonly module?: string
  readonly cause?: unknown
}

/** The one error type of Janus: a stable code, what failed, the remedy, and the cause. */
export interface JanusError extends Error {
  readonly [JANUS_BRAND]: typeof ERROR_BRAND
  readonly code: JanusErrorCode
  readonly remedy: string
  readonly data: Readonly<Record<string, unknown>>
  readonly module?: string
}

/**
 * Makes a {@link JanusError}.
 * @param code entry of the catalogue
 * @param message what failed and where, one sentence
 * @param details remedy, data, module, cause
 */
export function janusError(code: JanusErrorCode, message: string, details: JanusErrorDetails = {}): JanusError {
  const error = new Error(message, details.cause === undefined ? undefined : { cause: details.cause })
  error.name = 'JanusError'
  Error.captureStackTrace(error, janusError)
  return Object.assign(error, {
    [JANUS_BRAND]: ERROR_BRAND,
    code,
    remedy: details.remedy ?? ERROR_CODES[code].remedy,
    data: details.data ?? {},
    ...(details.module === undefined ? {} : { module: details.module }),
  }) as unknown as JanusError
}

/** True for a {@link JanusError} of any copy of core. */
export function isJanusError(value: unknown): value is JanusError {
  return typeof value === 'object' && value !== null && (value as Record<string, unknown>)[JANUS_BRAND] === ERROR_BRAND
}

/** The exit code a command that failed with this value ends with; 2 for anything that is not a {@link JanusError}. */
export function exitCodeOf(error: unknown): ExitCode {
  return isJanusError(error) ? (ERROR_CODES[error.code]?.exitCode ?? 2) : 2
}

/** The diagnostic that says the same as this error. */
export function diagnosticOf(error: unknown): Diagnostic {
  if (!isJanusError(error)) {
    const summary = error instanceof Error ? error.message : String(error)
    return { severity: 'error', code: 'JANUS_INTERNAL', summary, remedy: ERROR_CODES.JANUS_INTERNAL.remedy }
  }
  return {
    severity: 'error',
    code: error.code,
    summary: error.message,
    remedy: error.remedy,
    ...(error.module === undefined ? {} : { module: error.module }),
  }
}
