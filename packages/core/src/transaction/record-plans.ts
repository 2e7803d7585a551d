import type { PlannedChange } from '../contract/change.js'
import type { Fact, Plan } from '../contract/plan.js'
import type { TransactionRecord } from './read-transactions.js'

/** The plans of a transaction in the order of their stages; most have one. */
export function plansOf({ begin, stages }: Pick<TransactionRecord, 'begin' | 'stages'>): readonly Plan[] {
  return [begin.plan, ...stages]
}

/** Every change of a transaction, stage after stage: the index is the number of the step. */
export function changesOf(record: Pick<TransactionRecord, 'begin' | 'stages'>): readonly PlannedChange[] {
  return plansOf(record).flatMap(({ changes }) => changes)
}

/** The facts that a transaction rests on, those of all its stages. */
export function factsOf(record: Pick<TransactionRecord, 'begin' | 'stages'>): readonly Fact[] {
  return plansOf(record).flatMap(({ facts }) => facts)
}
