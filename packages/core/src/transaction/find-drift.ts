import type { Condition } from '../contract/change.js'
import type { Machine } from '../contract/hand.js'
import type { DriftEntry } from '../contract/transaction.js'
import { describeCondition, unmetConditions } from './conditions.js'
import type { TransactionRecord } from './read-transactions.js'

interface Expectation {
  readonly transaction: string
  readonly step: number
  readonly why: string
  readonly condition: Condition
}

/**
 * Whether what applied transactions left still holds. For each path the last word counts: a later step, of the same
 * or of a later transaction, supersedes an earlier one.
 * @param records applied transactions that are not void, oldest first
 */
export async function findDrift(
  machine: Machine,
  records: readonly TransactionRecord[],
): Promise<readonly DriftEntry[]> {
  const expectations = new Map<string, Expectation>()
  for (const record of records) {
    for (const [step, change] of record.begin.plan.changes.entries()) {
      if (record.steps.get(step)?.outcome !== 'done') continue
      for (const condition of change.verify ?? []) {
        expectations.set(condition.path, { transaction: record.begin.id, step, why: change.why, condition })
      }
    }
  }
  const drift: DriftEntry[] = []
  for (const expectation of expectations.values()) drift.push(await judge(machine, expectation))
  return drift
}

async function judge(machine: Machine, { transaction, step, why, condition }: Expectation): Promise<DriftEntry> {
  const [unmet] = await unmetConditions(machine, [condition])
  const entry = { transaction, step, why, path: condition.path, expected: describeCondition(condition) }
  if (unmet === undefined) return { ...entry, state: 'holds' }
  const unreadable = unmet.found.startsWith('it cannot be read')
  return { ...entry, state: unreadable ? 'unreadable' : 'drifted', found: unmet.found }
}
