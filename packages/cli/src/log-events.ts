import type { Janus, Logger } from '@janus/core'

/** Writes what a transaction does to the log, from the events of the facade alone. */
export function logEvents(events: Janus['events'], log: Logger): void {
  events.on('transaction:started', (event) => log.info('transaction started', event))
  events.on('transaction:step-started', (event) => log.debug('step started', event))
  events.on('transaction:step', (event) => log.info('step ended', { ...event }))
  events.on('transaction:undoing', (event) => log.warn('undoing', event))
  events.on('transaction:ended', (event) => log.info('transaction ended', event))
}
