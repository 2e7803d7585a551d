import type { LogFields, Logger } from '../contract/logger.js'
import { escapeForTerminal } from './escape-terminal.js'
import { LEVELS, type Level, loggerOver } from './logger-over.js'
import { redact } from './redact.js'

/** How lines reach the reader. */
export interface StderrLoggerOptions {
  /** Takes one line with its newline. */
  readonly write: (line: string) => void
  /** Also debug lines, and the fields of every line. */
  readonly verbose: boolean
  /** Colour the level. */
  readonly color: boolean
}

const COLORS: Readonly<Record<Level, number>> = { debug: 90, info: 36, warn: 33, error: 31 }

/** Makes a logger of readable lines, `[level] message`. Whatever message and fields hold, one call is one line and no control character. */
export function createStderrLogger({ write, verbose, color }: StderrLoggerOptions): Logger {
  return loggerOver((level, message, fields) => {
    if (level === LEVELS[0] && !verbose) return
    const tag = color ? `\u001b[${COLORS[level]}m[${level}]\u001b[0m` : `[${level}]`
    write(`${tag} ${escapeForTerminal(message)}${verbose ? describe(fields) : ''}\n`)
  })
}

function describe(fields: LogFields): string {
  return Object.keys(fields).length === 0 ? '' : ` ${escapeForTerminal(JSON.stringify(redact(fields)))}`
}
