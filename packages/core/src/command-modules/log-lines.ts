import type { Logger } from '../contract/logger.js'

/** Levels of the shared logging library. */
export type LogLevel = 'DEBUG' | 'INFO' | 'OK' | 'WARN' | 'ERROR' | 'CRITICAL'

/** One line that a program wrote. */
export interface OutputLine {
  /** Absent for a line that is no line of the log. */
  readonly level?: LogLevel
  /** One line without control characters. */
  readonly message: string
}

const LONGEST_LINE = 2_000
const MOST_LINES = 10_000
const LAST_LINES = 1_000
const LOG_LINE = /^\[(DEBUG|INFO|OK|WARN|WARNING|ERROR|CRITICAL)\][ \t]*(.*)$/
// CSI and OSC sequences, the other two-character escapes, then whatever control characters are left.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ESCAPES = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]{0,2000}(?:\u0007|\u001b\\)?|\u001b[ -/]*[0-~]/g

/**
 * Splits what a program wrote into lines, without colours and control characters, and tells lines of the shared logging
 * library (`[LEVEL] message`) from others. Empty lines are dropped, and the middle of more lines than anybody reads.
 */
export function outputLines(output: string): readonly OutputLine[] {
  const all = output.split(/\r?\n|\r/)
  const kept = all.length <= MOST_LINES ? all : [...all.slice(0, MOST_LINES - LAST_LINES), ...all.slice(-LAST_LINES)]
  return kept.flatMap((raw) => {
    const line = plainText(raw.slice(0, 4 * LONGEST_LINE))
      .slice(0, LONGEST_LINE)
      .trimEnd()
    if (line === '') return []
    const [, level, message] = LOG_LINE.exec(line) ?? []
    if (level === undefined) return [{ message: line }]
    return [{ level: (level === 'WARNING' ? 'WARN' : level) as LogLevel, message: message || level }]
  })
}

/** One line of text without escape sequences and control characters. */
export function plainText(text: string): string {
  return text.replace(ESCAPES, '').replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
}

/** Hands the lines of a program to a logger, each with its own level; what is no line of the log is for debugging. */
export function logOutput(log: Logger, lines: readonly OutputLine[]): void {
  for (const { level, message } of lines) {
    if (level === 'CRITICAL') log.error(message, { level: 'critical' })
    else if (level === 'ERROR') log.error(message)
    else if (level === 'WARN') log.warn(message)
    else if (level === 'INFO' || level === 'OK') log.info(message)
    else log.debug(message)
  }
}
