import { join } from 'node:path'
import { rewriteLedger } from '../ledger/rewrite-ledger.js'
import { undoChangesOf } from '../plan/undo-changes-of.js'
import { createSavedBytes } from '../state/index.js'
import { canRollBack } from './choose-rollback.js'
import { journalPath } from './journal.js'
import { readBootId } from './read-boot-id.js'
import { readJournal } from './read-journal.js'
import { isVoid, type TransactionRecord } from './read-transactions.js'
import { changesOf } from './record-plans.js'
import { savedDigest } from './saved-digest.js'
import type { TransactionSettings } from './transactions.js'

/** What a pruning removed, or would remove. */
export interface PruneReport {
  readonly removed: readonly string[]
  readonly kept: number
}

/**
 * Drops transactions that ended before a time and cannot be undone any more, and the saved bytes nothing refers to.
 * What can still be undone stays, however old.
 */
export async function pruneJournal(
  settings: Pick<TransactionSettings, 'stateDirectory' | 'machine'>,
  { before, dryRun }: { readonly before: Date; readonly dryRun: boolean },
): Promise<PruneReport> {
  const { stateDirectory, machine } = settings
  const records = await readJournal(stateDirectory)
  const bootId = await readBootId(machine.host)
  const removed = new Set(records.filter((record) => mayGo(record, bootId, before)).map((record) => record.begin.id))
  const kept = records.filter((record) => !removed.has(record.begin.id))
  if (!dryRun && removed.size > 0) {
    const reason = `history prune: ended before ${before.toISOString()}`
    await rewriteLedger(
      journalPath(stateDirectory),
      (line) => !removed.has((line.payload as { id?: string } | null)?.id ?? ''),
      { reason },
    )
    await createSavedBytes(join(stateDirectory, 'saved')).removeUnreferenced(new Set(kept.flatMap(savedDigests)))
  }
  return { removed: [...removed], kept: kept.length }
}

function mayGo(record: TransactionRecord, bootId: string | undefined, before: Date): boolean {
  const over = record.phase === 'undone' || isVoid(record, bootId)
  return over && !canRollBack(record, bootId) && new Date(record.endedAt ?? record.startedAt) < before
}

function savedDigests(record: TransactionRecord): readonly string[] {
  return changesOf(record)
    .flatMap(undoChangesOf)
    .flatMap((undo) => savedDigest(undo) ?? [])
}
