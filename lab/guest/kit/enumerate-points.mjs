import { callOfOrder, isHandAtWork, ownFsyncs, startHeldJanus } from './held-janus.mjs'
import { journaledOrders, journalRecords } from './janus.mjs'
import { waitFor } from './wait-for.mjs'

const TRACE = '/run/enumerated-points'

/**
 * Runs the CLI to its end and counts what a crash can hit, by strace and by the journal: its own fsyncs, the records it
 * writes and the orders of its hand. `result` is how the run ended.
 */
export async function enumeratePoints(args) {
  const from = { orders: journaledOrders().length, records: journalRecords().length }
  const result = await startHeldJanus(args, { calls: 'fsync', nth: 65_535, microseconds: 1, trace: TRACE }).ended
  return {
    fsyncs: ownFsyncs(TRACE),
    records: journalRecords().length - from.records,
    orders: journaledOrders().slice(from.orders),
    result,
  }
}

/** One line for the log. */
export function describePoints({ fsyncs, records, orders }) {
  const kinds = orders.map(({ phase, change }) => `${phase} ${nameChange(change)}`)
  return `${fsyncs} fsyncs, ${records} journal records, ${orders.length} orders (${kinds.join(', ')})`
}

/** What a change is about, in a few words. */
export function nameChange({ kind, path, name, command, args }) {
  return `${kind} ${path ?? name ?? [command, ...(args ?? [])].join(' ')}`
}

/**
 * Starts the CLI and waits until its hand is held at the entry of the call that carries out an order: alive, and at work.
 * @param at which of the orders, from 1, of those that a run of the same command to its end had
 */
export async function holdJanusAtOrder(args, at, orders, microseconds) {
  const from = journaledOrders().length
  const running = startHeldJanus(args, { ...callOfOrder(orders, at - 1), microseconds })
  // Reading the journal costs the one processor of the guest what Janus needs to get there.
  const intent = await waitFor(() => journaledOrders()[from + at - 1], { timeoutMs: 300_000, everyMs: 60 })
  return { running, handAtWork: intent !== undefined && (await isHandAtWork(intent)) }
}
