import type { JanusEvents } from '../contract/events.js'
import type { Hand, HandAnswer, HandOrder, Machine, ProcessIdentity } from '../contract/hand.js'
import type { Deadlines } from '../contract/janus.js'
import type { SavedBytes } from '../state/index.js'
import type { Journal } from './journal.js'

/** What the parts of a running transaction share. Lives as long as the host lock is held. */
export interface TransactionContext {
  readonly id: string
  readonly machine: Machine
  readonly journal: Journal
  readonly saved: SavedBytes
  readonly deadlines: Required<Deadlines>
  readonly process: ProcessIdentity
  readonly bootId: string | undefined
  readonly hands: HandKeeper
  emit<Name extends keyof JanusEvents>(name: Name, event: JanusEvents[Name][0]): void
}

/** Keeps one hand for a whole transaction and replaces it only after it hung. */
export interface HandKeeper {
  /** The hand that takes the next order; its identity is in the journal before this resolves. */
  current(): Promise<Hand>
  /** Has the current hand perform an order under the order deadline. */
  perform(order: HandOrder): Promise<HandAnswer>
  end(): Promise<void>
}

/** Makes the keeper of a transaction's hands. */
export function createHandKeeper(settings: {
  readonly id: string
  readonly machine: Machine
  readonly journal: Journal
  readonly deadline: number
}): HandKeeper {
  let hand: Hand | undefined
  const current = async (): Promise<Hand> => {
    if (hand === undefined || hand.spent === true) {
      hand = await settings.machine.startHand()
      const { pid, startTime } = hand
      await settings.journal.record('hand-started', { id: settings.id, hand: { pid, startTime } })
    }
    return hand
  }
  return {
    current,
    perform: async (order) => (await current()).perform(order, settings.deadline),
    end: async () => hand?.end(),
  }
}
