import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { syntheticSnapshot } from '../fixtures/synthetic-snapshot.js'
import { interleavedDurations } from '../measuring/interleaved.js'
import { runJanus } from '../measuring/run-janus.js'
import type { Measurement, RowDefinition } from '../report/bench-row.js'
import type { BenchSubject } from '../report/bench-subject.js'

const SIZES = [1_000, 3_000, 10_000]
const [SMALLEST = 0, LARGEST = 0] = [SIZES.at(0), SIZES.at(-1)]
/** n^1 is linear; what is above it up to here is noise. */
const MOST = 1.15
const COMMANDS = [
  { key: 'check', args: ['check', '--json'] },
  { key: 'bind-list', args: ['bind', '--list', '--json'] },
]

/** How commands grow with the number of PCI functions, the time on a host without any taken off. */
export const growth: BenchSubject = {
  id: 'growth',
  title: 'Growth with the number of PCI functions, start-up taken off',
  rows: Object.fromEntries(COMMANDS.flatMap(rowsOf)),
  async measure({ folder, quick, env }) {
    const file = (size: number): string => join(folder, `${size}.snapshot.json`)
    for (const size of [0, ...SIZES]) await writeFile(file(size), JSON.stringify(syntheticSnapshot(size)))
    const measured: [string, () => Measurement][] = []
    for (const { key, args } of COMMANDS) {
      const contenders = [0, ...SIZES].map((size) => [size, () => runJanus([...args, '--host', file(size)], env)])
      const { shortest } = await interleavedDurations(Object.fromEntries(contenders), quick ? 1 : 3)
      const taken = (size: number): number => shortest(`${size}`) - shortest('0')
      measured.push(
        [key, () => ({ value: taken(LARGEST), calibration: taken(SMALLEST) })],
        [`${key}.exponent`, () => ({ value: steepest(SIZES.map((size) => [size, taken(size)])) })],
      )
    }
    return Object.fromEntries(measured)
  },
}

function rowsOf({ key, args }: (typeof COMMANDS)[number]): readonly [string, RowDefinition][] {
  const what = `janus ${args.join(' ')}`
  const [many, few] = [LARGEST.toLocaleString('en'), SMALLEST.toLocaleString('en')]
  return [
    [key, { what: `${what}, ${many} functions`, unit: 'ms', calibration: `with ${few} functions` }],
    [
      `${key}.exponent`,
      {
        what: `${what}, steepest step between two sizes`,
        unit: 'exponent',
        target: { of: 'value', bound: 'at-most', limit: MOST },
      },
    ],
  ]
}

function steepest(durations: readonly (readonly [size: number, duration: number])[]): number {
  const steps = durations.slice(1).map(([size, duration], index) => {
    const [smaller, shorter] = durations[index] ?? [Number.NaN, Number.NaN]
    return Math.log(duration / shorter) / Math.log(size / smaller)
  })
  return Math.max(...steps)
}
