import type { RollbackOptions } from '../contract/janus.js'
import { janusError } from '../errors/janus-error.js'
import { subjectsOf } from '../plan/subjects.js'
import { isVoid, type TransactionRecord } from './read-transactions.js'
import { changesOf } from './record-plans.js'

/** The subjects that a transaction touched. */
export function subjectsOfTransaction(record: TransactionRecord): readonly string[] {
  return [...new Set(changesOf(record).flatMap(subjectsOf))]
}

/** True when a rollback would have something to undo. */
export function canRollBack(record: TransactionRecord, bootId: string | undefined): boolean {
  return (record.phase === 'applied' || record.phase === 'incomplete') && !isVoid(record, bootId)
}

/**
 * The transactions to undo, in order: the one asked for, preceded by later ones that touched the same things if
 * `cascade` allows it.
 * @param records oldest first
 * @throws JANUS_TRANSACTION_NOT_FOUND; JANUS_ROLLBACK_BLOCKED naming the later ones; JANUS_RECOVERY_NEEDED when one that
 *   was interrupted stands in the way
 */
export function chooseRollback(
  records: readonly TransactionRecord[],
  options: Pick<RollbackOptions, 'transaction' | 'module' | 'cascade'>,
  bootId: string | undefined,
): readonly TransactionRecord[] {
  const target = findTarget(records, options, bootId)
  requireRecovered(records, target, bootId)
  const later = laterOnSameSubjects(records, target, bootId)
  if (later.length > 0 && options.cascade !== true) {
    const names = later.map((record) => record.begin.id)
    const message = `${target.begin.id} cannot be rolled back: ${names.join(', ')} later touched the same`
    throw janusError('JANUS_ROLLBACK_BLOCKED', message, { data: { transaction: target.begin.id, later: names } })
  }
  return [...later, target]
}

function findTarget(
  records: readonly TransactionRecord[],
  { transaction: id, module }: Pick<RollbackOptions, 'transaction' | 'module'>,
  bootId: string | undefined,
): TransactionRecord {
  if (id === undefined) {
    const candidates = records.filter(({ begin }) => module === undefined || begin.plan.module.id === module)
    const newest = candidates.findLast((record) => canRollBack(record, bootId) || isInterrupted(record, bootId))
    if (newest === undefined) {
      const what = module === undefined ? 'transaction' : `transaction of ${module}`
      throw janusError('JANUS_TRANSACTION_NOT_FOUND', `there is no ${what} that can be rolled back`)
    }
    // Whoever says "the last one" means it: an older one must not be taken in its place.
    if (isInterrupted(newest, bootId)) throw recoveryNeeded(newest)
    return newest
  }
  const record = records.find((candidate) => candidate.begin.id === id)
  if (record === undefined)
    throw janusError('JANUS_TRANSACTION_NOT_FOUND', `the journal knows no transaction ${JSON.stringify(id)}`)
  if (canRollBack(record, bootId) || isVoid(record, bootId)) return record
  if (record.phase === 'undone') throw janusError('JANUS_TRANSACTION_NOT_FOUND', `${id} has been undone already`)
  throw recoveryNeeded(record)
}

/** What a later transaction left half done must not be pulled out from under it. */
function requireRecovered(
  records: readonly TransactionRecord[],
  target: TransactionRecord,
  bootId: string | undefined,
): void {
  const subjects = new Set(subjectsOfTransaction(target))
  const open = records
    .slice(records.indexOf(target) + 1)
    .find(
      (record) =>
        isInterrupted(record, bootId) && subjectsOfTransaction(record).some((subject) => subjects.has(subject)),
    )
  if (open !== undefined) throw recoveryNeeded(open)
}

function isInterrupted(record: TransactionRecord, bootId: string | undefined): boolean {
  return (record.phase === 'applying' || record.phase === 'undoing') && !isVoid(record, bootId)
}

function recoveryNeeded({ begin }: TransactionRecord): Error {
  return janusError('JANUS_RECOVERY_NEEDED', `${begin.id} was interrupted`, { data: { transaction: begin.id } })
}

/** Newest first; a later one brings those after it that touched what it touched. */
function laterOnSameSubjects(
  records: readonly TransactionRecord[],
  target: TransactionRecord,
  bootId: string | undefined,
): readonly TransactionRecord[] {
  const subjects = new Set(subjectsOfTransaction(target))
  const later = records.slice(records.indexOf(target) + 1).filter((record) => {
    const own = subjectsOfTransaction(record)
    const touches = canRollBack(record, bootId) && own.some((subject) => subjects.has(subject))
    if (touches) for (const subject of own) subjects.add(subject)
    return touches
  })
  return later.reverse()
}
