import { inOwnProcess } from './in-own-process.js'
import type { BenchRow } from './table.js'

const WANTED_PARSING = 2.5
const WANTED_MEGABYTES = 300

/** Something that opens the files of a ledger. */
export interface Opening {
  /** Directory of the files. */
  readonly directory: string
  /** How many records they hold. */
  readonly records: number
  /** Text of an ES module: opens them and prints `{ records, milliseconds, kilobytes }`. */
  readonly program: string
  readonly args: readonly string[]
  /** What it does, for the row: `opening and verifying`. */
  readonly what: string
}

/** What opening costs, in time and memory, against plain parsing of the same lines: each in a process of its own, in turn. */
export async function openingRows(
  { directory, records, program, args, what }: Opening,
  rounds: number,
): Promise<readonly BenchRow[]> {
  const opened: Measured[] = []
  const parsed: Measured[] = []
  for (let round = 0; round < rounds; round++) {
    opened.push(await measured(program, args, records))
    parsed.push(await measured(PARSING, [directory], records))
  }
  const shortest = (runs: readonly Measured[]): number => Math.min(...runs.map(({ milliseconds }) => milliseconds))
  const ratio = shortest(opened) / shortest(parsed)
  const megabytes = Math.max(...opened.map(({ kilobytes }) => kilobytes)) / 1024
  const many = records.toLocaleString('en')
  return [
    { what: `parsing ${many} records line by line`, value: `${shortest(parsed).toFixed(0)} ms` },
    {
      what: `${what} ${many} records`,
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
