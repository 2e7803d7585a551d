import { dirname } from 'node:path'
import { pino } from 'pino'
import type { LogFields } from '../contract/logger.js'
import { systemFileOperations } from '../state/file-operations.js'
import { openOwnFile } from '../state/open-own-file.js'
import { prepareStateDirectory } from '../state/prepare-state-directory.js'
import type { FileLoggerOptions } from './file-logger.js'
import type { Level } from './logger-over.js'

/** One line of a log file. */
export interface LogLine {
  readonly level: Level
  readonly at: Date
  readonly message: string
  readonly fields: LogFields
}

/** A log file that is open. */
export interface LogFile {
  write(line: LogLine): void
  close(): Promise<void>
}

/** Opens a log file, creating it and its directory where they are missing. Only now pino and the state code are loaded. */
export async function openLogFile(
  { path, level = 'debug' }: FileLoggerOptions,
  onError: (error: unknown) => void,
): Promise<LogFile> {
  const uid = process.geteuid?.() ?? 0
  await prepareStateDirectory(dirname(path), { uid, mode: 0o700 })
  const { descriptor } = await openOwnFile(path, { write: true, append: true, createMode: 0o600, uid })
  let at = new Date()
  const settings = {
    level,
    base: null,
    messageKey: 'message',
    timestamp: () => `,"time":"${at.toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  const destination = pino.destination({ fd: descriptor, sync: true })
  destination.on('error', onError)
  const log = pino(settings, destination)
  return {
    write: (line) => {
      at = line.at
      log[line.level](Object.keys(line.fields).length === 0 ? {} : { fields: line.fields }, line.message)
    },
    close: async () => {
      await systemFileOperations.fsync(descriptor)
      await systemFileOperations.close(descriptor)
    },
  }
}
