import type { Machine } from '../contract/hand.js'
import type { StatusReport, TransactionSummary } from '../contract/transaction.js'
import { canRollBack, subjectsOfTransaction } from './choose-rollback.js'
import { findDrift } from './find-drift.js'
import { readBootId } from './read-boot-id.js'
import { readJournal } from './read-journal.js'
import { type TransactionRecord, transactionState } from './read-transactions.js'
import { changesOf } from './record-plans.js'

/** The transactions of a state directory as summaries, oldest first. */
export async function summariseJournal(
  machine: Machine,
  stateDirectory: string,
): Promise<readonly TransactionSummary[]> {
  const bootId = await readBootId(machine.host)
  return Promise.all((await readJournal(stateDirectory)).map((record) => summarise(machine, record, bootId)))
}

/** What Janus has changed and whether it still holds. */
export async function statusOf(machine: Machine, stateDirectory: string): Promise<StatusReport> {
  const bootId = await readBootId(machine.host)
  const records = await readJournal(stateDirectory)
  const transactions = await Promise.all(records.map((record) => summarise(machine, record, bootId)))
  const applied = records.filter((_, index) => transactions[index]?.state === 'applied')
  const drift = await findDrift(machine, applied, bootId)
  const unfinished = transactions.some(({ state }) => state === 'interrupted' || state === 'incomplete')
  const asWanted = drift.every(({ state }) => state === 'holds' || state === 'pending-reboot')
  const rebootPending = drift.some(({ state }) => state === 'pending-reboot')
  return { stateDirectory, transactions, drift, clean: !unfinished && asWanted, rebootPending }
}

async function summarise(
  machine: Machine,
  record: TransactionRecord,
  bootId: string | undefined,
): Promise<TransactionSummary> {
  const { begin } = record
  return {
    id: begin.id,
    state: transactionState(record, { bootId, isAlive: await machine.isAlive(record.process) }),
    module: begin.plan.module,
    planDigest: begin.plan.digest,
    startedAt: record.startedAt,
    ...(record.endedAt === undefined ? {} : { endedAt: record.endedAt }),
    actor: begin.actor,
    janusVersion: begin.janusVersion,
    ...(begin.bootId === undefined ? {} : { bootId: begin.bootId }),
    steps: changesOf(record).length,
    ...(record.stages.length === 0 ? {} : { stages: record.stages.length + 1 }),
    stepsDone: [...record.steps.values()].filter((step) => step.outcome === 'done').length,
    subjects: subjectsOfTransaction(record),
    canRollBack: canRollBack(record, bootId),
  }
}
