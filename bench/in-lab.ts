import { runScenario, scenarioNames } from '../lab/run-scenario.js'
import type { BenchRow } from './table.js'

const SCENARIO = 'bench'

/**
 * What the lab's scenario `bench` measured: apply and rollback as ratios to a plain script doing the same writes. Its guest
 * reports each number as a value; `undefined` when there is no such scenario.
 */
export async function benchInLab(): Promise<readonly BenchRow[] | undefined> {
  if (!(await scenarioNames()).includes(SCENARIO)) return undefined
  const { boots, checks } = await runScenario(SCENARIO)
  const values = boots.flatMap(({ results }) => results.flatMap((record) => (record.type === 'value' ? [record] : [])))
  return [
    ...values.map(
      ({ name, value }): BenchRow => ({ what: name, value: typeof value === 'string' ? value : JSON.stringify(value) }),
    ),
    ...checks.filter(({ ok }) => !ok).map(({ title }): BenchRow => ({ what: title, value: 'failed', verdict: 'over' })),
  ]
}
