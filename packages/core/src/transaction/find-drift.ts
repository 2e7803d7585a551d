import type { Condition } from '../contract/change.js'
import type { Machine } from '../contract/hand.js'
import type { DriftEntry } from '../contract/transaction.js'
import { describeCondition, subjectOfCondition, unmetConditions } from './conditions.js'
import { bootedSince, type TransactionRecord } from './read-transactions.js'
import { changesOf } from './record-plans.js'

interface Expectation {
  readonly transaction: string
  readonly step: number
  readonly why: string
  readonly condition: Condition
  /** True when only a boot brings it about, and there was none since. */
  readonly awaitsBoot: boolean
}

/**
 * Whether what applied transactions left still holds. For each path the last word counts: a later step, of the same
 * or of a later transaction, supersedes an earlier one.
 * @param records applied transactions that are not void, oldest first
 * @param bootId of the present boot
 */
export async function findDrift(
  machine: Machine,
  records: readonly TransactionRecord[],
  bootId: string | undefined,
): Promise<readonly DriftEntry[]> {
  const expectations = new Map<string, Expectation>()
  for (const record of records) {
    const isBooted = bootedSince(record, bootId)
    for (const [step, change] of changesOf(record).entries()) {
      if (record.steps.get(step)?.outcome !== 'done') continue
      // A boot has undone what was the running kernel's; what it was to bring counts from then on.
      const present = isBooted && change.scope === 'runtime' ? [] : (change.verify ?? [])
      const common = { transaction: record.begin.id, step, why: change.why }
      for (const condition of present)
        expectations.set(subjectOfCondition(condition), { ...common, condition, awaitsBoot: false })
      for (const condition of change.afterBoot ?? [])
        expectations.set(subjectOfCondition(condition), { ...common, condition, awaitsBoot: !isBooted })
    }
  }
  const drift: DriftEntry[] = []
  for (const expectation of expectations.values()) drift.push(await judge(machine, expectation))
  return drift
}

async function judge(machine: Machine, expectation: Expectation): Promise<DriftEntry> {
  const { transaction, step, why, condition, awaitsBoot } = expectation
  const [unmet] = await unmetConditions(machine, [condition])
  const entry = { transaction, step, why, path: condition.path, expected: describeCondition(condition) }
  if (unmet === undefined) return { ...entry, state: 'holds' }
  if (awaitsBoot) return { ...entry, state: 'pending-reboot', found: unmet.found }
  return { ...entry, state: unmet.isUnreadable === true ? 'unreadable' : 'drifted', found: unmet.found }
}
