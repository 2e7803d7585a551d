import { createFileLogger, type FileLogger, type LogFields, type Logger } from '@janus/core'

/** A logger without a file until a command changes something. */
export interface DeferredLog {
  readonly logger: Logger
  /** Lines logged from now on go to this file; the first one creates it. */
  open(path: string): void
  close(): Promise<void>
}

/**
 * Makes the log of a command: what is logged before it is opened is dropped.
 * @param header first line of each run: who was called, with what
 * @param onError told once when the file cannot be written
 */
export function createDeferredLog(header: LogFields, onError: (error: unknown) => void): DeferredLog {
  let file: FileLogger | undefined
  let begun = false
  const target = (): Logger | undefined => {
    if (!begun) file?.info('command started', header)
    begun = file !== undefined
    return file
  }
  return {
    logger: forwarding(target, {}),
    open(path) {
      file ??= createFileLogger({ path, onError })
    },
    async close() {
      await file?.close()
    },
  }
}

function forwarding(target: () => Logger | undefined, inherited: LogFields): Logger {
  return {
    debug: (message, fields) => target()?.debug(message, { ...inherited, ...fields }),
    info: (message, fields) => target()?.info(message, { ...inherited, ...fields }),
    warn: (message, fields) => target()?.warn(message, { ...inherited, ...fields }),
    error: (message, fields) => target()?.error(message, { ...inherited, ...fields }),
    child: (fields) => forwarding(target, { ...inherited, ...fields }),
  }
}
