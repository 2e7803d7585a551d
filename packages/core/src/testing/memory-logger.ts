import type { LogFields, Logger } from '../contract/logger.js'

/** One line that was logged. */
export interface MemoryLogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  /** Fields of the line and of every logger it came through, the nearest winning. */
  readonly fields: LogFields
}

/** A logger that keeps its lines. */
export interface MemoryLogger extends Logger {
  /** Lines of this logger and of its children, in order. */
  readonly entries: readonly MemoryLogEntry[]
}

/** Makes a logger that writes nothing and keeps everything. */
export function createMemoryLogger(): MemoryLogger {
  const entries: MemoryLogEntry[] = []
  return { entries, ...loggerInto(entries, {}) }
}

function loggerInto(entries: MemoryLogEntry[], inherited: LogFields): Logger {
  const at =
    (level: MemoryLogEntry['level']) =>
    (message: string, fields: LogFields = {}) => {
      entries.push({ level, message, fields: { ...inherited, ...fields } })
    }
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => loggerInto(entries, { ...inherited, ...fields }),
  }
}
