import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { chmod, chown, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { TOOL_UID } from '../packages/agent/test/support/bare-run-sandbox.js'
import { markedProcesses } from '../packages/agent/test/support/marked-processes.js'
import type { BenchRow } from './table.js'

const DAEMON = fileURLToPath(new URL('../packages/agent/test/support/stop-daemon.ts', import.meta.url))
const SANDBOXES = 20
const PROCESSES = 260
const WANTED = 3
const WANTED_BLOCKED = 5

/** A daemon with many runs, and how everything of it is ended. */
interface Ending {
  readonly name: string
  /** Whether its event loop is blocked. */
  readonly block: boolean
  end(programs: readonly number[], place: { readonly directory: string; readonly daemon: number }): void
}

const ENDINGS: readonly Ending[] = [
  {
    name: 'kill',
    block: false,
    end: (programs) => {
      for (const pid of programs) kill(pid, 'SIGKILL')
    },
  },
  { name: 'signal', block: false, end: (_programs, { daemon }) => kill(daemon, 'SIGUSR2') },
  { name: 'file', block: false, end: (_programs, { directory }) => writeFileSync(stopFile(directory), '') },
  { name: 'blocked', block: true, end: (_programs, { directory }) => writeFileSync(stopFile(directory), '') },
]

/** How long the emergency stop takes from the flag until none of 260 processes in 20 sandboxes is left, as a ratio to a plain SIGKILL of the same processes. */
export async function benchStop(folder: string, rounds: number): Promise<readonly BenchRow[]> {
  const shortest = new Map<string, number>()
  for (let round = 0; round < rounds; round += 1) {
    for (const ending of ENDINGS) {
      const taken = await measure(ending, join(folder, `stop-${ending.name}-${round}`))
      shortest.set(ending.name, Math.min(shortest.get(ending.name) ?? Number.POSITIVE_INFINITY, taken))
    }
  }
  const plain = shortest.get('kill') ?? Number.NaN
  const row = (what: string, name: string, wanted: number): BenchRow => {
    const taken = shortest.get(name) ?? Number.NaN
    const ratio = taken / plain
    return {
      what,
      value: `${taken.toFixed(1)} ms`,
      against: `${ratio.toFixed(1)} × SIGKILL, wanted ${wanted} ×`,
      verdict: ratio <= wanted ? 'within' : 'over',
    }
  }
  return [
    { what: `SIGKILL to each of ${PROCESSES} processes`, value: `${plain.toFixed(1)} ms` },
    row('stop by a signal', 'signal', WANTED),
    row('stop by the file', 'file', WANTED),
    row('stop by the file, event loop blocked', 'blocked', WANTED_BLOCKED),
  ]
}

async function measure({ block, end }: Ending, place: string): Promise<number> {
  const mark = String(randomInt(1e9, 1e10))
  const workspace = join(place, 'workspace')
  const directory = join(place, 'state')
  const journal = join(place, 'journal')
  await mkdir(workspace, { recursive: true })
  await chmod(place, 0o755)
  if (process.getuid?.() === 0) await chown(workspace, TOOL_UID, TOOL_UID)
  const work = { directory, workspace, mark, sandboxes: SANDBOXES, block, journal, startsMore: false }
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', DAEMON, JSON.stringify(work)], {
    stdio: 'ignore',
  })
  try {
    const programs = (): readonly number[] => markedProcesses(mark).filter((pid) => pid !== child.pid)
    while (!isReady(journal) || programs().length < PROCESSES) await delay(50)
    let left = programs()
    const began = performance.now()
    end(left, { directory, daemon: child.pid ?? 0 })
    while (left.length > 0) {
      await delay(1)
      left = left.filter(isRunning)
    }
    return performance.now() - began
  } finally {
    child.kill('SIGKILL')
  }
}

function isReady(journal: string): boolean {
  return existsSync(journal) && readFileSync(journal, 'utf8').includes('ready')
}

function isRunning(pid: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return !['Z', 'X'].includes(text.slice(text.lastIndexOf(') ') + 2)[0] ?? 'X')
  } catch {
    return false
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended with another one.
  }
}

function stopFile(directory: string): string {
  return join(directory, 'EMERGENCY_STOP')
}
