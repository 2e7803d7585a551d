import type { Diagnostic } from '../contract/diagnostic.js'
import { ERROR_BRAND, JANUS_BRAND } from '../contract/symbols.js'
import { ERROR_CODES, type ErrorCode, type ExitCode, type JanusErrorCode } from './codes.js'

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
  /** A code of core's catalogue, or of one that a package made with {@link defineErrors}. */
  readonly code: JanusErrorCode | (string & Record<never, never>)
  /** What a command that ends with it exits with. */
  readonly exitCode: ExitCode
  readonly remedy: string
  readonly data: Readonly<Record<string, unknown>>
  readonly module?: string
}

/** Makes the errors of one catalogue. */
export type ErrorMaker<Code extends string> = (code: Code, message: string, details?: JanusErrorDetails) => JanusError

/**
 * Makes a {@link JanusError}.
 * @param code entry of the catalogue
 * @param message what failed and where, one sentence
 * @param details remedy, data, module, cause
 */
export const janusError: ErrorMaker<JanusErrorCode> = defineErrors(ERROR_CODES)

/**
 * Declares the error catalogue of a package: its codes stand beside core's, with the same brand and the same form.
 * @param catalogue what each code means, its remedy and its exit code; codes begin with `JANUS_` and a word for the package
 * @returns the maker of these errors
 */
export function defineErrors<Code extends string>(catalogue: Readonly<Record<Code, ErrorCode>>): ErrorMaker<Code> {
  return function make(code, message, details = {}) {
    const error = new Error(message, details.cause === undefined ? undefined : { cause: details.cause })
    error.name = 'JanusError'
    Error.captureStackTrace(error, make)
    return Object.assign(error, {
      [JANUS_BRAND]: ERROR_BRAND,
      code,
      exitCode: catalogue[code].exitCode,
      remedy: details.remedy ?? catalogue[code].remedy,
      data: details.data ?? {},
      ...(details.module === undefined ? {} : { module: details.module }),
    }) as unknown as JanusError
  }
}

/** True for a {@link JanusError} of any copy of core. */
export function isJanusError(value: unknown): value is JanusError {
  return typeof value === 'object' && value !== null && (value as Record<string, unknown>)[JANUS_BRAND] === ERROR_BRAND
}

/** The exit code a command that failed with this value ends with; 2 for anything that is not a {@link JanusError}. */
export function exitCodeOf(error: unknown): ExitCode {
  return isJanusError(error) ? (error.exitCode ?? 2) : 2
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
