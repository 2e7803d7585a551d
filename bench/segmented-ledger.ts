import { execFile } from 'node:child_process'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { openSegmentedLedger } from '../packages/core/src/ledger/index.js'
import { shortestDurations } from './interleaved.js'
import type { BenchRow } from './table.js'

const run = promisify(execFile)
const SINGLE = 200
/** Records of all producers together, so that each contender takes about as long. */
const APPENDS = new Map([
  [1, 200],
  [8, 1600],
  [64, 6400],
  [256, 12_800],
])
const WANTED_AT_64 = 8
const WANTED_PARSING = 2.5
const WANTED_MEGABYTES = 300
const payload = {
  proposal: 'proposal-0001234',
  decision: 'approved',
  by: { kind: 'user', uid: 1000 },
  reason: 'read and found in order',
}

/** Durable appends of many producers, against as many writes with an fsync each. */
export async function benchProducers(folder: string, rounds: number): Promise<readonly BenchRow[]> {
  const raw = await open(join(folder, 'single'), 'a')
  const ledger = await openSegmentedLedger({ directory: join(folder, 'producers') })
  const line = Buffer.from(`${JSON.stringify({ ...payload, hash: '0'.repeat(64), prevHash: '0'.repeat(64) })}\n`)
  const single = async (): Promise<void> => {
    for (let count = 0; count < SINGLE; count++) {
      await raw.write(line)
      await raw.sync()
    }
  }
  const produce = async (count: number): Promise<void> => {
    for (let done = 0; done < count; done++) await ledger.append('proposal-decided', payload)
  }
  const together = (producers: number, count: number) => async (): Promise<void> => {
    await Promise.all(Array.from({ length: producers }, () => produce(count / producers)))
  }
  try {
    const contenders = [...APPENDS].map(([producers, count]) => ({
      name: `${producers}`,
      run: together(producers, count),
    }))
    const shortest = await shortestDurations([{ name: 'single', run: single }, ...contenders], rounds)
    const base = SINGLE / (shortest.get('single') ?? Number.NaN)
    return [
      { what: 'single write and fsync', value: perSecond(base) },
      ...[...APPENDS].map(([producers, count]): BenchRow => {
        const rate = count / (shortest.get(`${producers}`) ?? Number.NaN)
        const row = { what: `durable appends, ${producers} producers`, value: perSecond(rate) }
        const against = `${(rate / base).toFixed(1)} × single fsyncs`
        if (producers !== 64) return { ...row, against }
        const verdict = rate / base >= WANTED_AT_64 ? 'within' : 'over'
        return { ...row, against: `${against}, wanted ${WANTED_AT_64}`, verdict }
      }),
    ]
  } finally {
    await ledger.close()
    await raw.close()
  }
}

/**
 * Opening a ledger, which verifies it, against plain parsing of its lines, each in a process of its own.
 * @param records how many the ledger has
 */
export async function benchOpening(folder: string, records: number, rounds: number): Promise<readonly BenchRow[]> {
  const directory = join(folder, 'history')
  await write(directory, records)
  const opened: Measured[] = []
  const parsed: Measured[] = []
  for (let round = 0; round < rounds; round++) {
    opened.push(await measured(OPENING, directory, records))
    parsed.push(await measured(PARSING, directory, records))
  }
  const shortest = (runs: readonly Measured[]): number => Math.min(...runs.map(({ milliseconds }) => milliseconds))
  const ratio = shortest(opened) / shortest(parsed)
  const megabytes = Math.max(...opened.map(({ kilobytes }) => kilobytes)) / 1024
  const many = records.toLocaleString('en')
  return [
    { what: `parsing ${many} records line by line`, value: `${shortest(parsed).toFixed(0)} ms` },
    {
      what: `opening and verifying ${many} records`,
      value: `${shortest(opened).toFixed(0)} ms`,
      against: `${ratio.toFixed(2)} × parsing, wanted ${WANTED_PARSING}`,
      verdict: ratio <= WANTED_PARSING ? 'within' : 'over',
    },
    {
      what: 'its peak memory',
      value: `${megabytes.toFixed(0)} MB`,
      against: `wanted ${WANTED_MEGABYTES}`,
      verdict: megabytes <= WANTED_MEGABYTES ? 'within' : 'over',
    },
  ]
}

async function write(directory: string, records: number): Promise<void> {
  const ledger = await openSegmentedLedger({ directory })
  for (let done = 0; done < records; done += 1000) {
    const numbers = Array.from({ length: Math.min(1000, records - done) }, (_, index) => done + index)
    await Promise.all(
      numbers.map((n) =>
        ledger.append('proposal-decided', { ...payload, proposal: `proposal-${n}`, by: { uid: n % 9 } }),
      ),
    )
  }
  await ledger.close()
}

interface Measured {
  readonly records: number
  readonly milliseconds: number
  readonly kilobytes: number
}

/** The built package: what loads TypeScript would need memory too. */
const LEDGER = JSON.stringify(fileURLToPath(new URL('../packages/core/dist/ledger.js', import.meta.url)))
const OPENING = `
import { openSegmentedLedger } from ${LEDGER}
const began = performance.now()
let records = 0
const ledger = await openSegmentedLedger({ directory: process.argv[1], onRecord: () => { records += 1 } })
const milliseconds = performance.now() - began
await ledger.close()
console.log(JSON.stringify({ records, milliseconds, kilobytes: process.resourceUsage().maxRSS }))`
const PARSING = `
import { createReadStream, readdirSync } from 'node:fs'
const began = performance.now()
let records = 0
for (const name of readdirSync(process.argv[1]).filter((name) => name.endsWith('.jsonl'))) {
  let rest = ''
  for await (const chunk of createReadStream(process.argv[1] + '/' + name, { encoding: 'utf8', highWaterMark: 262144 })) {
    const lines = (rest + chunk).split('\\n')
    rest = lines.pop()
    for (const line of lines) { JSON.parse(line); records += 1 }
  }
}
const milliseconds = performance.now() - began
console.log(JSON.stringify({ records, milliseconds, kilobytes: process.resourceUsage().maxRSS }))`

async function measured(program: string, directory: string, records: number): Promise<Measured> {
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program, directory])
  const answer = JSON.parse(stdout) as Measured
  if (answer.records !== records) throw new Error(`${answer.records} of ${records} records were read`)
  return answer
}

function perSecond(perMillisecond: number): string {
  return `${(perMillisecond * 1000).toFixed(0)}/s`
}
