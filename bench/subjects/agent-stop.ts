import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { chmod, chown, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { TOOL_UID } from '../../packages/agent/test/support/bare-run-sandbox.js'
import { markedProcesses } from '../../packages/agent/test/support/marked-processes.js'
import { withoutBubblewrap } from '../measuring/bubblewrap.js'
import { interleaved } from '../measuring/interleaved.js'
import type { RowDefinition } from '../report/bench-row.js'
import { defineBenchSubject } from '../report/bench-subject.js'

const DAEMON = fileURLToPath(new URL('../../packages/agent/test/support/stop-daemon.ts', import.meta.url))
const SANDBOXES = 20
const PROCESSES = 260
/** Milliseconds. */
const MOST_WAITING = 120_000
const WANTED = 3
const WANTED_BLOCKED = 5

/** How everything of a daemon with many runs is ended. */
interface Ending {
  /** Whether its event loop is blocked. */
  readonly block: boolean
  end(programs: readonly number[], place: { readonly directory: string; readonly daemon: number }): void
}

const ENDINGS = {
  kill: {
    block: false,
    end: (programs) => {
      for (const pid of programs) kill(pid, 'SIGKILL')
    },
  },
  signal: { block: false, end: (_programs, { daemon }) => kill(daemon, 'SIGUSR2') },
  file: { block: false, end: (_programs, { directory }) => writeFileSync(stopFile(directory), '') },
  blocked: { block: true, end: (_programs, { directory }) => writeFileSync(stopFile(directory), '') },
} as const satisfies Record<string, Ending>

/** How long the emergency stop takes from the flag until none of 260 processes in 20 sandboxes is left. */
export const agentStop = defineBenchSubject({
  id: 'agent-stop',
  title: 'Emergency stop of the agent',
  rows: {
    signal: stopRow('stop by a signal', WANTED),
    file: stopRow('stop by the file', WANTED),
    blocked: stopRow('stop by the file, event loop blocked', WANTED_BLOCKED),
  },
  unavailable: withoutBubblewrap,
  async measure({ folder, quick }) {
    // Where the bench is root, runs are another user's, who has to get to their workspaces.
    await chmod(folder, 0o755)
    let places = 0
    const taken = (ending: Ending) => () => {
      places += 1
      return measure(ending, join(folder, `stop-${places}`))
    }
    const of = await interleaved(
      {
        kill: taken(ENDINGS.kill),
        signal: taken(ENDINGS.signal),
        file: taken(ENDINGS.file),
        blocked: taken(ENDINGS.blocked),
      },
      quick ? 1 : 3,
    )
    const row = (name: 'signal' | 'file' | 'blocked') => () => ({
      value: Math.min(...of(name)),
      calibration: Math.min(...of('kill')),
    })
    return { signal: row('signal'), file: row('file'), blocked: row('blocked') }
  },
})

function stopRow(what: string, limit: number): RowDefinition {
  const calibration = 'SIGKILL to each of the 260 processes'
  return { what, unit: 'ms', calibration, target: { of: 'ratio', bound: 'at-most', limit } }
}

/** @returns milliseconds */
async function measure({ block, end }: Ending, place: string): Promise<number> {
  const mark = String(randomInt(1e9, 1e10))
  const workspace = join(place, 'workspace')
  const directory = join(place, 'state')
  const journal = join(place, 'journal')
  await mkdir(workspace, { recursive: true })
  await chmod(place, 0o755)
  if (process.getuid?.() === 0) await chown(workspace, TOOL_UID, TOOL_UID)
  const work = { directory, workspace, mark, sandboxes: SANDBOXES, journal, startsMore: false }
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', DAEMON, JSON.stringify(work)], {
    stdio: 'ignore',
  })
  try {
    const programs = (): readonly number[] => markedProcesses(mark).filter((pid) => pid !== child.pid)
    const began = performance.now()
    while (!holds(journal, 'ready') || programs().length < PROCESSES) {
      if (performance.now() - began > MOST_WAITING)
        throw new Error(`of ${PROCESSES} processes ${programs().length} were there within ${MOST_WAITING / 1000} s`)
      await delay(50)
    }
    if (block) kill(child.pid ?? 0, 'SIGWINCH')
    while (block && !holds(journal, 'blocked') && performance.now() - began < MOST_WAITING) await delay(1)
    let left = programs()
    const flagged = performance.now()
    end(left, { directory, daemon: child.pid ?? 0 })
    while (left.length > 0) {
      await delay(1)
      left = left.filter(isRunning)
    }
    return performance.now() - flagged
  } finally {
    child.kill('SIGKILL')
  }
}

function holds(journal: string, word: string): boolean {
  return existsSync(journal) && readFileSync(journal, 'utf8').includes(word)
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
