import type { Measurement, RowDefinition } from '../report/bench-row.js'
import { inOwnProcess } from './in-own-process.js'
import { interleaved } from './interleaved.js'

const WANTED_PARSING = 2.5
const WANTED_MEGABYTES = 300
const MEGABYTE = 1024

/** Something that opens the files of a ledger. */
export interface Opening {
  /** Directory of the files. */
  readonly directory: string
  /** How many records they hold. */
  readonly records: number
  /** Text of an ES module: opens them and prints `{ records, milliseconds, kilobytes }`. */
  readonly program: string
  readonly args: readonly string[]
}

/** Rows of {@link measureOpening}. @param what what is opened: `opening a long ledger` */
export function openingRows(what: string): Readonly<Record<'time' | 'memory', RowDefinition>> {
  return {
    time: {
      what,
      unit: 'ms',
      calibration: 'parsing its lines',
      target: { of: 'ratio', bound: 'at-most', limit: WANTED_PARSING },
    },
    memory: {
      what: `${what}, peak memory`,
      unit: 'MB',
      calibration: 'parsing its lines',
      target: { of: 'value', bound: 'at-most', limit: WANTED_MEGABYTES },
    },
  }
}

/** What opening costs, in time and memory, against plain parsing of the same lines: each in a process of its own, in turn. */
export async function measureOpening(
  { directory, records, program, args }: Opening,
  rounds: number,
): Promise<Readonly<Record<'time' | 'memory', () => Measurement>>> {
  const of = await interleaved(
    {
      opened: () => measured(program, args, records),
      parsed: () => measured(PARSING, [directory], records),
    },
    rounds,
  )
  const shortest = (name: 'opened' | 'parsed'): number => Math.min(...of(name).map(({ milliseconds }) => milliseconds))
  const peak = (name: 'opened' | 'parsed'): number => Math.max(...of(name).map(({ kilobytes }) => kilobytes)) / MEGABYTE
  return {
    time: () => ({ value: shortest('opened'), calibration: shortest('parsed') }),
    memory: () => ({ value: peak('opened'), calibration: peak('parsed') }),
  }
}

interface Measured {
  readonly records: number
  readonly milliseconds: number
  readonly kilobytes: number
}

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

async function measured(program: string, args: readonly string[], records: number): Promise<Measured> {
  const answer = await inOwnProcess<Measured>(program, args)
  if (answer.records !== records) throw new Error(`${answer.records} of ${records} records were read`)
  return answer
}
