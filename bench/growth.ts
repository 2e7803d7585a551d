import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { shortestDurations } from './interleaved.js'
import { runJanus } from './run-janus.js'
import { syntheticSnapshot } from './synthetic-snapshot.js'
import type { BenchRow } from './table.js'

const SIZES = [1_000, 3_000, 10_000]

/**
 * How `check` and `bind --list` grow with the number of PCI functions. The exponent is that of the steepest step between
 * two sizes, start-up taken off: 1 is linear.
 */
export async function benchGrowth(
  folder: string,
  rounds: number,
  env: Readonly<Record<string, string>>,
): Promise<readonly BenchRow[]> {
  const file = (size: number): string => join(folder, `${size}.snapshot.json`)
  for (const size of [0, ...SIZES]) await writeFile(file(size), JSON.stringify(syntheticSnapshot(size)))
  const rows: BenchRow[] = []
  for (const command of [
    ['check', '--json'],
    ['bind', '--list', '--json'],
  ]) {
    const contenders = [0, ...SIZES].map((size) => ({
      name: String(size),
      run: () => runJanus([...command, '--host', file(size)], env),
    }))
    const shortest = await shortestDurations(contenders, rounds)
    rows.push(
      ...growthRows(
        `janus ${command.join(' ')}`,
        SIZES.map((size) => (shortest.get(String(size)) ?? Number.NaN) - (shortest.get('0') ?? 0)),
      ),
    )
  }
  return rows
}

function growthRows(what: string, durations: readonly number[]): readonly BenchRow[] {
  const rows = SIZES.map((size, index): BenchRow => {
    const duration = durations[index] ?? Number.NaN
    return {
      what: `${what}, ${size} functions`,
      value: `${duration.toFixed(0)} ms`,
      against: `${((duration / size) * 1000).toFixed(0)} µs each`,
    }
  })
  const exponents = SIZES.slice(1).map((size, index) => {
    const [small = Number.NaN, large = Number.NaN] = durations.slice(index, index + 2)
    return Math.log(large / small) / Math.log(size / (SIZES[index] ?? Number.NaN))
  })
  const steepest = Math.max(...exponents)
  return [
    ...rows,
    {
      what: `${what}, growth`,
      value: `n^${steepest.toFixed(2)}`,
      against: 'linear is n^1, up to n^1.15 is noise',
      verdict: steepest <= 1.15 ? 'within' : 'over',
    },
  ]
}
