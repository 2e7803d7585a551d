import { setTimeout as sleep } from 'node:timers/promises'
import type { UndoChange } from '../contract/change.js'
import type { Machine, ProcessIdentity } from '../contract/hand.js'
import { subjectsOf } from '../plan/subjects.js'
import type { TransactionRecord } from './read-transactions.js'
import { changesOf } from './record-plans.js'
import { undoOrders } from './remake-outputs.js'

const PAUSE = 50

/** A hand of an earlier process that still is in the kernel, and what it holds. */
export interface BlockedHand {
  readonly pid: number
  readonly subjects: readonly string[]
}

/**
 * Waits, bounded, for the hands of transactions whose process is gone. A hand whose parent died ends by itself once
 * the kernel lets go of the order it has.
 * @param deadline milliseconds
 * @returns those that still live at the deadline
 */
export async function awaitHands(
  machine: Machine,
  records: readonly TransactionRecord[],
  deadline: number,
): Promise<readonly BlockedHand[]> {
  const end = performance.now() + deadline
  for (;;) {
    const blocked = await blockedHands(machine, records)
    if (blocked.length === 0 || performance.now() >= end) return blocked
    await sleep(PAUSE)
  }
}

/** Subjects that blocked hands hold, with the reason to leave them alone. */
export function heldSubjects(blocked: readonly BlockedHand[]): ReadonlyMap<string, string> {
  return new Map(
    blocked.flatMap(({ pid, subjects }) =>
      subjects.map((subject) => [subject, `process ${pid} still is in the kernel`] as const),
    ),
  )
}

async function blockedHands(machine: Machine, records: readonly TransactionRecord[]): Promise<readonly BlockedHand[]> {
  const blocked: BlockedHand[] = []
  for (const record of records) {
    for (const hand of record.hands) {
      const orders = unfinishedOrders(record, hand)
      // A hand without an unfinished order is idle: this very process may have it at the ready.
      if (orders.length === 0 || !(await machine.isAlive(hand))) continue
      blocked.push({ pid: hand.pid, subjects: [...new Set(orders.flatMap(subjectsOf))] })
    }
  }
  return blocked
}

/** Orders without a recorded end: that is what the hand still has. */
function unfinishedOrders(record: TransactionRecord, hand: ProcessIdentity): readonly UndoChange[] {
  const changes = changesOf(record)
  const steps = [...record.steps.values()]
    .filter((step) => step.hand === hand.pid && (step.outcome === undefined || step.outcome === 'hung'))
    .map((step) => changes[step.step])
  const undos = [...record.undos.values()]
    .filter(
      (undo) => undo.hand === hand.pid && (undo.outcome === undefined || undo.outcome === 'in-progress-in-kernel'),
    )
    .map(({ step, index }) => {
      const change = changes[step]
      return change === undefined ? undefined : undoOrders(change)[index]
    })
  return [...steps, ...undos].filter((change) => change !== undefined)
}
