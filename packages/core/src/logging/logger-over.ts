import type { LogFields, Logger } from '../contract/logger.js'

/** The levels of a log line, from the least to the most urgent. */
export const LEVELS = ['debug', 'info', 'warn', 'error'] as const

/** One of {@link LEVELS}. */
export type Level = (typeof LEVELS)[number]

/**
 * Makes a logger of one function.
 * @param emit takes each line, with the fields of the logger it came through
 */
export function loggerOver(
  emit: (level: Level, message: string, fields: LogFields) => void,
  bound: LogFields = {},
): Logger {
  const at =
    (level: Level): Logger['info'] =>
    (message, fields = {}) =>
      emit(level, message, { ...bound, ...fields })
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => loggerOver(emit, { ...bound, ...fields }),
  }
}
