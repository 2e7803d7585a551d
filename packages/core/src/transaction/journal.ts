import { join } from 'node:path'
import type { ProcessIdentity } from '../contract/hand.js'
import type { Plan } from '../contract/plan.js'
import type { StepOutcome, TransactionActor } from '../contract/transaction.js'
import { type Ledger, openLedger } from '../ledger/open-ledger.js'
import type { LeftOutput } from './left-outputs.js'

/** What the journal records, by record type. Schema 1; a newer Janus reads every older one. */
export interface JournalPayloads {
  'transaction-begin': {
    readonly id: string
    readonly schema: 1
    readonly plan: Plan
    readonly actor: TransactionActor
    readonly janusVersion: string
    readonly bootId?: string
    readonly process: ProcessIdentity
    readonly accepted: readonly string[]
  }
  /** A further stage of a profile begins: its steps are numbered on from those of the stages before. */
  'transaction-stage': { readonly id: string; readonly plan: Plan }
  'hand-started': { readonly id: string; readonly hand: ProcessIdentity }
  'step-intent': {
    readonly id: string
    readonly step: number
    readonly hand: number
    /** Names of the kernel modules loaded before a load, so that the undo knows which ones came with it. */
    readonly modules?: readonly string[]
  }
  'step-result': {
    readonly id: string
    readonly step: number
    readonly outcome: 'done' | 'skipped' | 'failed' | 'hung'
    readonly reason?: string
    /** What a command left of its outputs, so that its undo knows what somebody else has written since. */
    readonly left?: readonly LeftOutput[]
  }
  'transaction-applied': { readonly id: string }
  'undo-begin': { readonly id: string; readonly because: string; readonly process: ProcessIdentity }
  'undo-intent': { readonly id: string; readonly step: number; readonly index: number; readonly hand: number }
  'undo-result': {
    readonly id: string
    readonly step: number
    readonly index: number
    readonly outcome: StepOutcome
    readonly reason?: string
  }
  'transaction-undone': { readonly id: string; readonly complete: boolean }
  /** A recovery found that a boot had undone everything. */
  'transaction-void': { readonly id: string }
}

/** Type of a journal record. */
export type JournalRecordType = keyof JournalPayloads

/** The journal of a state directory, open for writing by whoever holds the host lock. */
export interface Journal {
  /** Resolves once the record is on the disk. */
  record<Type extends JournalRecordType>(type: Type, payload: JournalPayloads[Type]): Promise<void>
  close(): Promise<void>
}

/** Path of the journal in a state directory. */
export function journalPath(stateDirectory: string): string {
  return join(stateDirectory, 'journal.jsonl')
}

/**
 * Opens the journal for writing, mending an unfinished last line.
 * @throws JANUS_LEDGER_DAMAGED, JANUS_STATE_UNSAFE
 */
export async function openJournal(stateDirectory: string): Promise<Journal> {
  const ledger: Ledger = await openLedger({ path: journalPath(stateDirectory) })
  return {
    async record(type, payload) {
      await ledger.append(type, payload)
    },
    close: () => ledger.close(),
  }
}
