import type { Logger } from '../contract/logger.js'
import { loggerOver } from './logger-over.js'

/** Makes a logger that says nothing. */
export function createNullLogger(): Logger {
  return loggerOver(() => undefined)
}

/** Makes a logger that passes each line to all of these, in order. */
export function combineLoggers(...loggers: readonly Logger[]): Logger {
  return loggerOver((level, message, fields) => {
    for (const logger of loggers) logger[level](message, fields)
  })
}
