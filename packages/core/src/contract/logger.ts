/** Structured data beside a log message. Values are redacted by name before they are written. */
export type LogFields = Readonly<Record<string, unknown>>

/** What core, modules and consumers log through. pino fits it as it is. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** A logger that adds these fields to every line. */
  child(fields: LogFields): Logger
}
