import type { LogFields, Logger } from '../contract/logger.js'
import { type Level, loggerOver } from './logger-over.js'
import type { LogFile, LogLine } from './open-log-file.js'
import { redact } from './redact.js'

/** Where a file logger writes. */
export interface FileLoggerOptions {
  /** Absolute path. File (0600) and directory (0700) are created when the first line is written. */
  readonly path: string
  /** The least urgent level that is written. Default: `debug`. */
  readonly level?: Level
  readonly now?: () => Date
  /** Told once when the file cannot be written; later lines are dropped. */
  readonly onError?: (error: unknown) => void
}

/** A logger that holds a file. */
export interface FileLogger extends Logger {
  /** Waits until every line is in the file, then closes it. Later lines are dropped. Safe to call twice. */
  close(): Promise<void>
}

/**
 * Makes a logger of JSON lines: `level`, `time` (ISO 8601, UTC), `message` and `fields`. Secrets are redacted by name. Until the
 * first line nothing is loaded, opened or created.
 */
export function createFileLogger(options: FileLoggerOptions): FileLogger {
  const { now = () => new Date(), onError = () => undefined } = options
  let file: Promise<LogFile | undefined> | undefined
  let closed: Promise<void> | undefined
  // Each line waits for the one before, so the order is that of the calls.
  let last: Promise<void> = Promise.resolve()
  let failed = false

  const fail = (error: unknown): undefined => {
    if (!failed) onError(error)
    failed = true
    return undefined
  }

  const emit = (level: Level, message: string, fields: LogFields): void => {
    if (closed !== undefined || failed) return
    const line: LogLine = { level, at: now(), message, fields: redact(fields) as LogFields }
    file ??= import('./open-log-file.js').then(({ openLogFile }) => openLogFile(options, fail)).catch(fail)
    const opening = file
    last = last
      .then(async () => {
        const log = await opening
        if (!failed) log?.write(line)
      })
      .catch(fail)
  }

  return {
    ...loggerOver(emit),
    close: () => {
      closed ??= last.then(async () => (await file)?.close()).catch(fail)
      return closed
    },
  }
}
