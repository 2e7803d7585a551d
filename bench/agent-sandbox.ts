import { execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { createRunSandbox, type ExecutionLimits, type RunSandbox } from '../packages/agent/src/index.js'
import type { BenchRow } from './table.js'

/** The newest that runs on this floor of node. It is not among our dependencies: nothing of ours may come to use it, and nobody who tests needs its 17 MB. */
const RUNTIME = '@anthropic-ai/sandbox-runtime@0.0.78'
const MOST_OVER_BASH = 6
const MOST_OF_RUNTIME = 1 / 3
const LEAST_RUNS = 150
const CONCURRENCIES = [2, 4, 8]
/** Between two measurements: what the next run needs is prepared then. */
const BREATH = 60
const MIB = 1024 * 1024
const LIMITS: ExecutionLimits = {
  cpuSeconds: 10,
  wallSeconds: 30,
  memoryBytes: 256 * MIB,
  diskBytes: 64 * MIB,
  cpuPercent: 150,
  processes: 32,
}
const FIRST_USER = 424_200

/** What running a program in the sandbox of the agent costs: beside the program alone, beside bubblewrap alone, and beside another sandbox. */
export async function benchSandbox(rounds: number): Promise<readonly BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'janus-bench-sandbox-'))
  const sandbox = createRunSandbox({
    program: '/usr/bin/bwrap',
    user: undefined,
    root: join(folder, 'workspaces'),
    mostRuns: Math.max(...CONCURRENCIES),
    ...(process.geteuid?.() === 0
      ? { toolUsers: { firstUid: FIRST_USER, firstGid: FIRST_USER, count: Math.max(...CONCURRENCIES) } }
      : {}),
  })
  try {
    const tested = await sandbox.selfTest()
    if (!tested.holds) throw new Error(`the sandbox does not hold: ${tested.because}`)
    const runtime = await openRuntime(folder)
    const starts = await startRows(sandbox, runtime, rounds)
    const sustained: BenchRow[] = []
    for (const concurrency of CONCURRENCIES) sustained.push(await sustainedRow(sandbox, concurrency, rounds * 8))
    return [...starts, ...sustained]
  } finally {
    await sandbox.close()
    await rm(folder, { recursive: true, force: true })
  }
}

let runs = 0
/** @returns the workspace that is left, empty */
async function inSandbox(sandbox: RunSandbox): Promise<string> {
  runs += 1
  const end = await sandbox.run({
    id: `bench-${runs}`,
    program: '/usr/bin/bash',
    argv: ['-c', 'true'],
    environment: {},
    limits: LIMITS,
    network: [],
  })
  if (end.exitCode !== 0) throw new Error(end.summary)
  return end.workspace
}

async function startRows(
  sandbox: RunSandbox,
  runtime: (() => Promise<void>) | string,
  rounds: number,
): Promise<readonly BenchRow[]> {
  const contenders: (readonly [name: string, run: () => Promise<unknown>])[] = [
    ['bash', () => spawned('/usr/bin/bash', ['-c', 'true'])],
    ['bwrap', () => spawned('/usr/bin/bwrap', ['--ro-bind', '/', '/', '/usr/bin/bash', '-c', 'true'])],
    ['janus', () => inSandbox(sandbox)],
    ...(typeof runtime === 'string' ? [] : [['runtime', runtime] as const]),
  ]
  const times = new Map(contenders.map(([name]): [string, number[]] => [name, []]))
  for (let round = 0; round < rounds + 1; round++) {
    for (const [name, run] of contenders) {
      await delay(BREATH)
      const began = performance.now()
      await run()
      // The first round of each is its warm-up.
      if (round > 0) times.get(name)?.push(performance.now() - began)
    }
  }
  const medianOf = (name: string): number => median(times.get(name) ?? [])
  const over = medianOf('janus') - medianOf('bash')
  const share = medianOf('janus') / medianOf('runtime')
  return [
    { what: 'bash -c true, median', value: ms(medianOf('bash')) },
    { what: 'bash -c true in bare bubblewrap', value: ms(medianOf('bwrap')) },
    {
      what: 'bash -c true in the sandbox of the agent',
      value: ms(medianOf('janus')),
      against: `${over.toFixed(1)} ms over bash, wanted ${MOST_OVER_BASH}`,
      verdict: over <= MOST_OVER_BASH ? 'within' : 'over',
    },
    typeof runtime === 'string'
      ? { what: RUNTIME, value: 'not measured', against: runtime }
      : {
          what: `bash -c true in ${RUNTIME}`,
          value: ms(medianOf('runtime')),
          against: `ours is ${share.toFixed(2)} of it, wanted ${MOST_OF_RUNTIME.toFixed(2)}`,
          verdict: share <= MOST_OF_RUNTIME ? 'within' : 'over',
        },
  ]
}

/** Preparation included: nothing of a run is left out of the time when the next is waiting. */
async function sustainedRow(sandbox: RunSandbox, concurrency: number, count: number): Promise<BenchRow> {
  let left = count
  const began = performance.now()
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (left > 0) {
        left -= 1
        await rm(await inSandbox(sandbox), { recursive: true })
      }
    }),
  )
  const rate = (count / (performance.now() - began)) * 1000
  return {
    what: `sustained, ${concurrency} at a time`,
    value: `${rate.toFixed(0)}/s`,
    against: `wanted ${LEAST_RUNS}/s on two processors`,
    verdict: rate >= LEAST_RUNS ? 'within' : 'over',
  }
}

/** Its own library, as its documentation has it; what keeps it from being measured otherwise. */
async function openRuntime(folder: string): Promise<(() => Promise<void>) | string> {
  const directory = join(folder, 'runtime')
  try {
    await mkdir(directory)
    await writeFile(join(directory, 'package.json'), '{"private":true}')
    const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', RUNTIME]
    await promisify(execFile)('npm', args, { cwd: directory, timeout: 120_000 })
    const installed = join(directory, 'node_modules', RUNTIME.slice(0, RUNTIME.lastIndexOf('@')))
    const { main } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as { readonly main: string }
    const { SandboxManager } = (await import(pathToFileURL(join(installed, main)).href)) as {
      readonly SandboxManager: SandboxManager
    }
    await SandboxManager.initialize({
      network: { allowedDomains: [], deniedDomains: [] },
      filesystem: { denyRead: [], allowWrite: [directory], denyWrite: [] },
    })
    return async () => {
      const wrapped = await SandboxManager.wrapWithSandbox('true')
      await spawned('/bin/bash', ['-c', wrapped])
    }
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
  }
}

interface SandboxManager {
  initialize(config: object): Promise<void>
  wrapWithSandbox(command: string): Promise<string>
}

function spawned(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.resume()
    child.stderr.resume()
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}`))))
  })
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN
}

function ms(value: number): string {
  return `${value.toFixed(2)} ms`
}
