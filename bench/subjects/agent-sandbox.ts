import { execFile, spawn } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { createRunSandbox, type ExecutionLimits, type RunSandbox } from '../../packages/agent/src/index.js'
import { BUBBLEWRAP, withoutBubblewrap } from '../measuring/bubblewrap.js'
import { durationOf, interleaved } from '../measuring/interleaved.js'
import { median } from '../measuring/median.js'
import { outcomeOf } from '../measuring/outcome-of.js'
import type { Measurement, RowDefinition } from '../report/bench-row.js'
import { defineBenchSubject } from '../report/bench-subject.js'

/** The newest that runs on this floor of node. It is not among our dependencies: nothing of ours may come to use it, and nobody who tests needs its 17 MB. */
const RUNTIME = '@anthropic-ai/sandbox-runtime@0.0.78'
const MOST_OVER_BASH = 6
const MOST_OF_RUNTIME = 1 / 3
const LEAST_RUNS = 150
const MOST_AT_ONCE = 8
const BASH = 'bash -c true, median'
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
export const agentSandbox = defineBenchSubject({
  id: 'agent-sandbox',
  title: 'Sandbox of the agent',
  rows: {
    bubblewrap: { what: 'bash -c true in bare bubblewrap, median', unit: 'ms', calibration: BASH },
    start: {
      what: 'bash -c true in the sandbox of the agent, median',
      unit: 'ms',
      calibration: BASH,
      target: { of: 'excess', bound: 'at-most', limit: MOST_OVER_BASH },
    },
    'start.other': {
      what: 'bash -c true in the sandbox of the agent, median',
      unit: 'ms',
      calibration: `in ${RUNTIME}`,
      target: { of: 'ratio', bound: 'at-most', limit: MOST_OF_RUNTIME },
    },
    'sustained-2': sustainedRow(2),
    'sustained-4': sustainedRow(4),
    'sustained-8': sustainedRow(MOST_AT_ONCE),
  },
  unavailable: withoutBubblewrap,
  async measure({ folder, quick }) {
    const rounds = quick ? 3 : 20
    const sandbox = createRunSandbox({
      program: BUBBLEWRAP,
      user: undefined,
      root: join(folder, 'workspaces'),
      mostRuns: MOST_AT_ONCE,
      ...(process.geteuid?.() === 0
        ? { toolUsers: { firstUid: FIRST_USER, firstGid: FIRST_USER, count: MOST_AT_ONCE } }
        : {}),
    })
    let runtime: Runtime | string | undefined
    try {
      const tested = await sandbox.selfTest()
      if (!tested.holds) throw new Error(`the sandbox does not hold: ${tested.because}`)
      const other = await openRuntime(folder)
      runtime = other
      const starts = await startsOf(sandbox, other, rounds)
      const sustained = (concurrency: number) => sustainedRate(sandbox, concurrency, rounds * 8)
      const [two, four, eight] = [await sustained(2), await sustained(4), await sustained(MOST_AT_ONCE)]
      return {
        bubblewrap: () => ({ value: starts('bwrap'), calibration: starts('bash') }),
        start: () => ({ value: starts('janus'), calibration: starts('bash') }),
        'start.other': () =>
          typeof other === 'string' ? { skipped: other } : { value: starts('janus'), calibration: starts('runtime') },
        'sustained-2': two,
        'sustained-4': four,
        'sustained-8': eight,
      }
    } finally {
      if (typeof runtime === 'object') await runtime.close()
      await sandbox.close()
    }
  },
})

function sustainedRow(concurrency: number): RowDefinition {
  return {
    what: `runs in the sandbox, ${concurrency} at a time`,
    unit: '/s',
    calibration: `bash -c true, ${concurrency} at a time`,
    target: { of: 'value', bound: 'at-least', limit: LEAST_RUNS },
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

/** @returns the median of a contender, in milliseconds */
async function startsOf(
  sandbox: RunSandbox,
  runtime: Runtime | string,
  rounds: number,
): Promise<(name: 'bash' | 'bwrap' | 'janus' | 'runtime') => number> {
  const rested = (run: () => Promise<unknown>) => async (): Promise<number> => {
    await delay(BREATH)
    return durationOf(run)
  }
  const of = await interleaved(
    {
      bash: rested(bash),
      bwrap: rested(() => spawned(BUBBLEWRAP, ['--ro-bind', '/', '/', '/usr/bin/bash', '-c', 'true'])),
      janus: rested(() => inSandbox(sandbox)),
      runtime: rested(async () => (typeof runtime === 'string' ? undefined : runtime.run())),
    },
    rounds + 1,
  )
  // The first round of each is its warm-up.
  return (name) => median(of(name).slice(1))
}

/** Preparation included: nothing of a run is left out of the time when the next is waiting. */
function sustainedRate(sandbox: RunSandbox, concurrency: number, count: number): Promise<() => Measurement> {
  const runAndTidy = async (): Promise<void> => rm(await inSandbox(sandbox), { recursive: true })
  return outcomeOf(async () => ({
    value: await rateOf(runAndTidy, concurrency, count),
    calibration: await rateOf(bash, concurrency, count),
  }))
}

/** @returns how often in a second */
async function rateOf(run: () => Promise<unknown>, concurrency: number, count: number): Promise<number> {
  let left = count
  const duration = await durationOf(() =>
    Promise.all(
      Array.from({ length: concurrency }, async () => {
        while (left > 0) {
          left -= 1
          await run()
        }
      }),
    ),
  )
  return (1000 * count) / duration
}

function bash(): Promise<void> {
  return spawned('/usr/bin/bash', ['-c', 'true'])
}

/** The other sandbox. */
interface Runtime {
  run(): Promise<void>
  /** Ends its proxies and the programs that lead to them: with these no process ends by itself. */
  close(): Promise<void>
}

/** Its own library, as its documentation has it; what keeps it from being measured otherwise. */
async function openRuntime(folder: string): Promise<Runtime | string> {
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
    const settings = {
      network: { allowedDomains: [], deniedDomains: [] },
      filesystem: { denyRead: [], allowWrite: [directory], denyWrite: [] },
    }
    await SandboxManager.initialize(settings).catch(async (cause: unknown) => {
      await SandboxManager.reset()
      throw cause
    })
    return {
      async run() {
        const wrapped = await SandboxManager.wrapWithSandbox('true')
        await spawned('/bin/bash', ['-c', wrapped])
      },
      close: () => SandboxManager.reset(),
    }
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
  }
}

interface SandboxManager {
  initialize(config: object): Promise<void>
  wrapWithSandbox(command: string): Promise<string>
  reset(): Promise<void>
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
