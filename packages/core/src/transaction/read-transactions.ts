import type { ProcessIdentity } from '../contract/hand.js'
import type { Plan } from '../contract/plan.js'
import type { TransactionState } from '../contract/transaction.js'
import type { JournalPayloads, JournalRecordType } from './journal.js'
import { changesOf } from './record-plans.js'

/** What the journal knows of one step. */
export interface StepRecord {
  readonly step: number
  readonly hand: number
  readonly modules?: readonly string[]
  outcome?: JournalPayloads['step-result']['outcome']
  left?: JournalPayloads['step-result']['left']
}

/** An undo change that was started, and how it ended if that is known. */
export interface UndoRecord {
  readonly step: number
  readonly index: number
  readonly hand: number
  outcome?: JournalPayloads['undo-result']['outcome']
}

/** One transaction, as the journal tells it. */
export interface TransactionRecord {
  readonly begin: JournalPayloads['transaction-begin']
  /** Plans of the stages behind the first one. */
  readonly stages: Plan[]
  readonly startedAt: string
  endedAt?: string
  /** The process that works on it, or did last. */
  process: ProcessIdentity
  readonly hands: ProcessIdentity[]
  readonly steps: Map<number, StepRecord>
  readonly undos: Map<string, UndoRecord>
  /** Where the journal ends for it. */
  phase: 'applying' | 'applied' | 'undoing' | 'undone' | 'incomplete' | 'void'
}

/** One journal record as far as transactions are concerned. */
export interface JournalLine {
  readonly ts: string
  readonly type: string
  readonly payload: unknown
}

/** Folds the records of a journal into its transactions, oldest first. Types it does not know are passed over. */
export async function readTransactions(
  lines: AsyncIterable<JournalLine> | Iterable<JournalLine>,
): Promise<readonly TransactionRecord[]> {
  const transactions = new Map<string, TransactionRecord>()
  for await (const line of lines) fold(transactions, line)
  return [...transactions.values()]
}

/** Where a transaction stands, given who is alive and which boot this is. */
export function transactionState(
  record: TransactionRecord,
  now: { readonly bootId: string | undefined; readonly isAlive: boolean },
): TransactionState {
  if (record.phase === 'undone') return 'undone'
  if (record.phase === 'void' || isVoid(record, now.bootId)) return 'void'
  if (record.phase === 'applied' || record.phase === 'incomplete') return record.phase
  return now.isAlive ? 'running' : 'interrupted'
}

/** True when all that a transaction changed was the running kernel's, and the machine has been booted since. */
export function isVoid(record: TransactionRecord, bootId: string | undefined): boolean {
  return bootedSince(record, bootId) && changesOf(record).every((change) => change.scope === 'runtime')
}

/** True when the machine is known to have been booted since the transaction began. */
export function bootedSince(record: TransactionRecord, bootId: string | undefined): boolean {
  return bootId !== undefined && record.begin.bootId !== undefined && bootId !== record.begin.bootId
}

function fold(transactions: Map<string, TransactionRecord>, line: JournalLine): void {
  const type = line.type as JournalRecordType
  if (type === 'transaction-begin') {
    const begin = line.payload as JournalPayloads['transaction-begin']
    transactions.set(begin.id, {
      begin,
      stages: [],
      startedAt: line.ts,
      process: begin.process,
      hands: [],
      steps: new Map(),
      undos: new Map(),
      phase: 'applying',
    })
    return
  }
  const record = transactions.get((line.payload as { id?: string } | null)?.id ?? '')
  if (record !== undefined) advance(record, type, line)
}

function advance(record: TransactionRecord, type: JournalRecordType, { ts, payload }: JournalLine): void {
  switch (type) {
    case 'transaction-stage':
      record.stages.push((payload as JournalPayloads['transaction-stage']).plan)
      return
    case 'hand-started':
      record.hands.push((payload as JournalPayloads['hand-started']).hand)
      return
    case 'step-intent': {
      const { id: _, ...intent } = payload as JournalPayloads['step-intent']
      record.steps.set(intent.step, intent)
      return
    }
    case 'step-result': {
      const { step, outcome, left } = payload as JournalPayloads['step-result']
      const known = record.steps.get(step)
      if (known === undefined) return
      known.outcome = outcome
      if (left !== undefined) known.left = left
      return
    }
    case 'transaction-applied':
      record.phase = 'applied'
      record.endedAt = ts
      return
    case 'undo-begin':
      record.phase = 'undoing'
      record.process = (payload as JournalPayloads['undo-begin']).process
      return
    case 'undo-intent': {
      const { id: _, ...intent } = payload as JournalPayloads['undo-intent']
      record.undos.set(`${intent.step}:${intent.index}`, intent)
      return
    }
    case 'undo-result': {
      const { step, index, outcome } = payload as JournalPayloads['undo-result']
      const known = record.undos.get(`${step}:${index}`)
      // Without an intent nothing was ordered: the host already was as the change would have left it.
      record.undos.set(`${step}:${index}`, { step, index, hand: known?.hand ?? 0, outcome })
      return
    }
    case 'transaction-undone':
      record.phase = (payload as JournalPayloads['transaction-undone']).complete ? 'undone' : 'incomplete'
      record.endedAt = ts
      return
    case 'transaction-void':
      record.phase = 'void'
      record.endedAt = ts
      return
    case 'transaction-begin':
      return
  }
}
