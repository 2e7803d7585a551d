import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connectAgent } from '../../src/control/connect-agent.js'
import { watchdogNotes } from '../../src/stop/supervisor/watchdog-notes.js'
import { TOOL_UID } from '../support/bare-run-sandbox.js'
import { localAgent } from '../support/local-agent.js'
import { eventually, markedProcesses } from '../support/marked-processes.js'

const PROGRAM = fileURLToPath(new URL('../support/stop-daemon.ts', import.meta.url))
const SANDBOXES = 20
const PROCESSES = 260

let folder: string
let directory: string
let journal: string
let mark: string
let daemon: ChildProcess | undefined

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-stop-')))
  await chmod(folder, 0o755)
  directory = join(folder, 'state')
  journal = join(folder, 'journal')
  mark = String(randomInt(1e9, 1e10))
  await mkdir(join(folder, 'workspace'))
  if (process.getuid?.() === 0) await chown(join(folder, 'workspace'), TOOL_UID, TOOL_UID)
})

afterEach(async () => {
  daemon?.kill('SIGKILL')
  await eventually('nothing is left of the test', () => markedProcesses(mark).length === 0)
  await rm(folder, { recursive: true, force: true })
})

interface Running {
  /** Whether its event loop stands still from then on. */
  readonly block?: boolean
  readonly blockedAfter?: number
  readonly startsMore?: boolean
  readonly real?: boolean
}

/** A daemon with twenty sandboxes of thirteen processes each, going on to start more. */
async function running({ block = false, ...more }: Running = {}): Promise<{ pid: number; controls: number }> {
  const work = { directory, workspace: join(folder, 'workspace'), mark, sandboxes: SANDBOXES, journal }
  // The mark of the programs must not stand in the command line of the daemon itself.
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, JSON.stringify({ ...work, ...more })], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  daemon = child
  // For as long as it lives: with everything uncompiled, beside others, it may take longer than anything else here.
  while (lines('ready').length === 0 || programs().length < PROCESSES) {
    const { exitCode, signalCode } = child
    if (exitCode !== null || signalCode !== null) throw new Error(`the daemon has ended: ${exitCode ?? signalCode}`)
    await delay(20)
  }
  const [, pid, controls] = (lines('ready')[0]?.split(' ') ?? []).map(Number)
  if (pid === undefined || controls === undefined) throw new Error('the daemon is not ready')
  if (block) {
    process.kill(pid, 'SIGWINCH')
    await eventually('the event loop stands still', () => lines('blocked').length > 0)
  }
  return { pid, controls }
}

/** Everything of the sandboxes, the daemon not counted. */
function programs(): readonly number[] {
  return markedProcesses(mark).filter((pid) => pid !== daemon?.pid)
}

function lines(beginning: string): readonly string[] {
  if (!existsSync(journal)) return []
  return readFileSync(journal, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(beginning))
}

function effects(): number {
  const path = join(folder, 'workspace', 'effects')
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0
}

/** Nothing runs, and although the daemon goes on trying nothing is started any more. */
async function expectStandstill(): Promise<void> {
  await eventually('the flag is up', () => lines('refused JANUS_AGENT_STOPPED').length > 0)
  await eventually('no process is left', () => programs().length === 0)
  const [before, refused] = [effects(), lines('refused').length]
  await eventually('it tried again', () => lines('refused JANUS_AGENT_STOPPED').length >= refused + 10)
  expect(programs()).toEqual([])
  expect(effects()).toBe(before)
  expect(lines('STARTED AFTER THE FLAG')).toEqual([])
}

const client = async () => {
  const agent = await connectAgent({ runDirectory: join(directory, 'run') })
  if (agent === undefined) throw new Error('nobody listens')
  return agent
}

describe('attack 23: everything is stopped while 20 sandboxes with 260 processes run', () => {
  test('by the file: no process is left, nothing is started after it, and the cause is on the record', async () => {
    await running()
    await writeFile(join(directory, 'EMERGENCY_STOP'), '')
    await expectStandstill()
    await eventually('it is recorded', () => lines('stopped').length > 0)
    const status = await (await client()).status()
    expect(status.emergency?.stop).toMatchObject({ kind: 'file', by: { kind: 'system', name: 'emergency-stop' } })
  })

  test.each([false, true])('in the sandbox of tools, whole; event loop blocked: %s', async (block) => {
    await running({ real: true, startsMore: false, block })
    await writeFile(join(directory, 'EMERGENCY_STOP'), '')
    await eventually('no process is left', () => programs().length === 0)
    if (!block) await eventually('it is recorded', () => lines('stopped').length > 0)
    expect(programs()).toEqual([])
  })

  test('by a command, and by a second one while the first is under way: both get the same report', async () => {
    await running()
    const agent = await client()
    const reports = await Promise.all([agent.stop({ reason: 'smoke' }), agent.stop({ reason: 'fire' })])
    expect(reports[0]).toEqual(reports[1])
    expect(reports[0]).toMatchObject({ left: [], problems: [], file: join(directory, 'EMERGENCY_STOP') })
    expect(reports[0].ended).toBeGreaterThan(0)
    await expectStandstill()
  })

  test('by a signal to the daemon', async () => {
    const { pid } = await running()
    process.kill(pid, 'SIGUSR2')
    await expectStandstill()
  })

  test('by a signal to the supervisor', async () => {
    const { controls } = await running()
    process.kill(controls, 'SIGUSR2')
    await expectStandstill()
    expect(existsSync(join(directory, 'EMERGENCY_STOP'))).toBe(true)
  })

  test('by the file while the event loop of the daemon is blocked: the supervisor ends everything', async () => {
    await running({ block: true })
    await writeFile(join(directory, 'EMERGENCY_STOP'), '')
    await eventually('no process is left', () => programs().length === 0)
    expect(lines('stopped')).toEqual([])
  })

  test('by a signal to the supervisor while the event loop of the daemon is blocked', async () => {
    const { controls } = await running({ block: true })
    process.kill(controls, 'SIGUSR2')
    await eventually('no process is left', () => programs().length === 0)
    await eventually('the stop is kept', () => existsSync(join(directory, 'EMERGENCY_STOP')))
  })

  test('when nobody asks but the event loop stands still for longer than the watchdog: the runs are ended, and word is left', async () => {
    await running({ block: true, blockedAfter: 3000 })
    await eventually('no process is left', () => programs().length === 0)
    await eventually('word is left', () => watchdogNotes(join(directory, 'run')).length === 1)
    expect(existsSync(join(directory, 'EMERGENCY_STOP'))).toBe(false)
  })

  test('the end of the daemon by SIGKILL leaves nothing running, and the supervisor ends too', async () => {
    const { pid, controls } = await running()
    process.kill(pid, 'SIGKILL')
    await eventually('no process is left', () => programs().length === 0)
    await eventually('the supervisor is gone', () => !existsSync(`/proc/${controls}`))
  })
})

describe('attack 24: an emergency stop in every shape', () => {
  const path = () => join(directory, 'EMERGENCY_STOP')

  test.each([
    ['a link to nowhere', () => symlink('/nowhere', path())],
    ['a directory', () => mkdir(path())],
    ['a file that nobody may read', () => writeFile(path(), '', { mode: 0 })],
    ['a link to itself', () => symlink('EMERGENCY_STOP', path())],
    [
      'a file that is gone again within the tick',
      async () => {
        await writeFile(path(), '')
        await rm(path())
      },
    ],
  ] as const)('%s stops everything', async (_shape, create) => {
    await running()
    await create()
    await expectStandstill()
  })
})

describe('attack 24: what is found at the next start', () => {
  test.each(['a file', 'nothing any more'])('with %s there, the stop still stands', async (left) => {
    const first = await localAgent(directory)
    await first.emergency.stopEverything({ kind: 'command', summary: 'smoke', by: { kind: 'system', name: 'test' } })
    await first.close()
    if (left !== 'a file') await rm(join(directory, 'EMERGENCY_STOP'))
    const second = await localAgent(directory)
    expect(second.emergency.standing()).toContain(left === 'a file' ? 'is there' : 'smoke')
    expect(() => second.emergency.requireRunning()).toThrow(expect.objectContaining({ code: 'JANUS_AGENT_STOPPED' }))
    await second.close()
  })
})
