import type { EventEmitter } from 'eventemitter3'
import type { JanusEvents } from './contract/events.js'
import type { Logger } from './contract/logger.js'
import { describeChange } from './transaction/describe-change.js'

/** Writes what a transaction does to the log, as it happens. */
export function logEvents(events: EventEmitter<JanusEvents>, log: Logger): void {
  events.on('transaction:started', ({ transaction, steps }) => log.info('transaction started', { transaction, steps }))
  events.on('transaction:step', ({ transaction, step, phase, change, outcome, reason }) => {
    const fields = { transaction, step, change: describeChange(change), ...(reason === undefined ? {} : { reason }) }
    const failed = outcome === 'failed' || outcome === 'conflict' || outcome === 'in-progress-in-kernel'
    log[failed ? 'error' : 'info'](`${phase} ${outcome}`, fields)
  })
  events.on('transaction:undoing', ({ transaction, because }) =>
    log.warn('transaction is undone', { transaction, because }),
  )
  events.on('transaction:ended', ({ transaction, outcome }) => log.info('transaction ended', { transaction, outcome }))
  events.on('module:failed', ({ module, diagnostic }) => log.error('module failed', { module, diagnostic }))
}
