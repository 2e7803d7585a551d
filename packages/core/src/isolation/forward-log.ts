import type { LogFields, Logger } from '../contract/logger.js'
import { parseBoundedJson } from './bounded-json.js'

const LEVELS = ['debug', 'info', 'warn', 'error'] as const
const LONGEST_LINE = 4_096
const MOST_LINES = 10_000

/** A line of the log of a child. */
export interface LogLine {
  readonly level: (typeof LEVELS)[number]
  readonly message: string
  readonly fields?: LogFields
}

/**
 * Hands what a child wrote on. Lines of its log keep their level; everything else it printed is a debug line. All of it
 * is the module's word: nothing of it decides anything.
 */
export function forwardLog(log: Logger, stdout: string, stderr: string): void {
  for (const [stream, text] of [
    ['stdout', stdout],
    ['stderr', stderr],
  ] as const) {
    for (const line of text.split('\n', MOST_LINES)) {
      if (line.trim() === '') continue
      const logged = stream === 'stderr' ? logLine(line) : undefined
      if (logged === undefined) log.debug('the module printed', { stream, text: line.slice(0, LONGEST_LINE) })
      else log[logged.level](logged.message, logged.fields)
    }
  }
}

function logLine(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const { level, message, fields } = parseBoundedJson(line) as Partial<Record<keyof LogLine, unknown>>
    const known = LEVELS.find((name) => name === level)
    if (known === undefined || typeof message !== 'string') return undefined
    // Under one name, so that no field can pass for one of the logger's own.
    return {
      level: known,
      message: message.slice(0, LONGEST_LINE),
      ...(fields === undefined ? {} : { fields: { fields } }),
    }
  } catch {
    return undefined
  }
}
