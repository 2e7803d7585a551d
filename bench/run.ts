import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { buildPackages } from '../scripts/build-packages.js'
import { repository } from '../scripts/workspace.js'
import { ALL_SUBJECTS } from './all-subjects.js'
import type { BenchReport } from './report/bench-report.js'
import type { BenchRow } from './report/bench-row.js'
import { rowId } from './report/bench-subject.js'
import { benchEnvironment, isBusy } from './report/environment.js'
import { measureSubjects, subjectsOf } from './report/measure-subjects.js'
import { renderRows, renderTally } from './report/render-rows.js'
import { wantedRows } from './report/wanted-rows.js'

const USAGE = `npm run bench -- [options]

  --only PATTERN  the rows whose id has this part, in which * stands for anything; may be given more than once
  --list          print the ids of the rows, and measure nothing
  --quick         fewer rounds and smaller histories: to see that the rows come
  --no-lab        leave the lab out
  --json FILE     where the report is written; bench/results/<time>.json without it
`

/** `npm run bench`: one table of what was measured beside what is wanted. It ends with 1 when a row failed or nothing can be built; a target that was missed is for the reader to judge. */
async function main(args: readonly string[]): Promise<number> {
  const options = parsed(args)
  if (typeof options === 'string') return refuse(options)
  const wants = wantedRows(options.only)
  const subjects = subjectsOf(ALL_SUBJECTS, wants)
  if (options.help) process.stdout.write(USAGE)
  if (options.help) return 0
  if (subjects.length === 0) return refuse(`no row has ${options.only.join(' or ')} in its id; --list prints all ids`)
  if (options.list) process.stdout.write(`${rowIds().filter(wants).join('\n')}\n`)
  if (options.list) return 0

  const unbuilt = await build()
  if (unbuilt !== undefined) progress(unbuilt)
  if (unbuilt !== undefined) return 1
  const startedAt = new Date().toISOString()
  const environment = await benchEnvironment()
  const { load, cpu } = environment
  if (isBusy(environment))
    progress(`The load average is ${load[0].toFixed(1)} on ${cpu.count} processors: expect noise.`)
  const file = resolve(options.json ?? join(repository, 'bench/results', `${startedAt.replaceAll(':', '')}.json`))
  const write = async (rows: readonly BenchRow[]): Promise<void> => {
    const report: BenchReport = { schema: 'janus.bench/1', startedAt, quick: options.quick, environment, rows }
    await writeFile(file, `${JSON.stringify(report, null, 2)}\n`)
  }
  await mkdir(dirname(file), { recursive: true })
  const rows = await measureSubjects(subjects, {
    quick: options.quick,
    lab: !options['no-lab'],
    wants,
    began: ({ title }, index) => progress(`${index + 1} of ${subjects.length}: ${title}`),
    ended: write,
  })
  process.stdout.write(`${renderRows(rows)}\n${renderTally(rows)}. Written to ${shown(file)}\n`)
  return rows.some(({ verdict }) => verdict === 'failed') ? 1 : 0
}

interface Options {
  readonly only: readonly string[]
  readonly quick: boolean
  readonly 'no-lab': boolean
  readonly list: boolean
  readonly help: boolean
  readonly json?: string | undefined
}

/** @returns what is wrong with the arguments, as text */
function parsed(args: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', multiple: true, default: [] },
        quick: { type: 'boolean', default: false },
        'no-lab': { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        json: { type: 'string' },
      },
    })
    return values
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function refuse(reason: string): number {
  process.stderr.write(`${reason}\n\n${USAGE}`)
  return 2
}

/** What is measured is what was built. @returns what could not be built, and why */
async function build(): Promise<string | undefined> {
  const outcomes = await buildPackages({ staleOnly: true }, ({ name, outcome }) => {
    if (outcome === 'built') progress(`built ${name}`)
  })
  const failed = outcomes.find(({ outcome }) => outcome === 'failed')
  return failed && `${failed.name} cannot be built:\n${failed.output ?? ''}`
}

function rowIds(): readonly string[] {
  return ALL_SUBJECTS.flatMap((subject) => Object.keys(subject.rows).map((key) => rowId(subject, key)))
}

/** As a person would name it from here. */
function shown(file: string): string {
  const below = relative(process.cwd(), file)
  return below.startsWith('..') ? file : below
}

/** Beside the table, which is the output. */
function progress(line: string): void {
  process.stderr.write(`${line}\n`)
}

process.exitCode = await main(process.argv.slice(2))
