import type { Condition } from '../contract/change.js'
import type { Machine } from '../contract/hand.js'
import { janusError } from '../errors/janus-error.js'
import { undoChangesOf } from '../plan/undo-changes-of.js'
import { unmetConditions } from './conditions.js'
import type { TransactionRecord } from './read-transactions.js'
import { changesOf } from './record-plans.js'

/**
 * Refuses a rollback before anything is touched when a process holds what the undo would take away: the kernel would
 * block the unbind for as long as the descriptor is open.
 * @throws JANUS_DEVICE_REFUSED naming the processes
 */
export async function refuseHeld(machine: Machine, records: readonly TransactionRecord[]): Promise<void> {
  const conditions = records.flatMap(heldConditions)
  const [unmet] = await unmetConditions(machine, conditions)
  if (unmet === undefined) return
  const { path } = unmet.condition
  const remedy = 'End the virtual machine or program that the message names, then roll back again.'
  throw janusError('JANUS_DEVICE_REFUSED', `${path}: ${unmet.found}`, { remedy, data: { path, found: unmet.found } })
}

function heldConditions(record: TransactionRecord): readonly Condition[] {
  return changesOf(record)
    .flatMap(undoChangesOf)
    .flatMap(({ expect = [] }) => expect.filter(({ kind }) => kind === 'unheld' || kind === 'unused'))
}
