import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Agent } from '../../src/index.js'
import { openConfiguredAgent, openConfiguredLocalAgent } from '../../src/index.js'
import { ANA } from '../support/decision-context.js'
import { eventually } from '../support/marked-processes.js'
import { type NotifySocket, openNotifySocket } from '../support/notify-socket.js'

const PROGRAM = fileURLToPath(new URL('../support/run-daemon.ts', import.meta.url))
const isRoot = process.getuid?.() === 0

const LOGS = ['mission_log', 'tool_log', 'proposals_log', 'approval_queue', 'agent_log', 'intel_cache']

let folder: string
let stateDirectory: string
let config: string
let daemons: Daemon[]
let socket: NotifySocket | undefined

interface Daemon {
  readonly child: ChildProcess
  readonly said: readonly string[]
  readonly exited: Promise<number | null>
}

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-daemon-')))
  await chmod(folder, 0o755)
  stateDirectory = join(folder, 'state')
  config = join(folder, 'agent.yaml')
  daemons = []
  await configure('')
})

afterEach(async () => {
  socket?.close()
  socket = undefined
  for (const { child, exited } of daemons) {
    child.kill('SIGKILL')
    await exited
  }
  await rm(folder, { recursive: true, force: true })
})

async function configure(more: string): Promise<void> {
  const lines = [
    'vessel_id: janus-in-balaur',
    `kill_switch: {emergency_stop_file: ${join(folder, 'EMERGENCY_STOP')}}`,
    `sandbox: {root: ${join(folder, 'workspaces')}}`,
    `logging: {${LOGS.map((name) => `${name}: ${join(folder, 'logs', name)}`).join(', ')}}`,
    `harness: {mission_state_dir: ${join(folder, 'missions')}}`,
    `thinking_cycle: {enabled: false}`,
    'tools: [{name: list, command: [/bin/ls]}, {name: wait, command: [/bin/sleep]}]',
    'approval_workflow: {notification_enabled: false}',
    more,
  ]
  await mkdir(join(folder, 'logs'), { recursive: true })
  await writeFile(config, lines.join('\n'), { mode: 0o600 })
}

function start(more: object = {}, env: NodeJS.ProcessEnv = {}): Daemon {
  const users = isRoot ? { toolUsers: { firstUid: 1_879_048_200, firstGid: 1_879_048_200, count: 2 } } : {}
  const work = JSON.stringify({ stateDirectory, config, ...users, ...more })
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, work], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH ?? '', HOME: folder, ...env },
  })
  const said: string[] = []
  child.stdout.setEncoding('utf8').on('data', (text: string) => said.push(...text.split('\n').filter(Boolean)))
  const daemon = { child, said, exited: new Promise<number | null>((resolve) => child.once('exit', resolve)) }
  daemons.push(daemon)
  return daemon
}

async function ready(more: object = {}, env: NodeJS.ProcessEnv = {}): Promise<Daemon> {
  const daemon = start(more, env)
  let ended = false
  void daemon.exited.then(() => {
    ended = true
  })
  await eventually('it is ready', () => {
    if (ended) throw new Error(`it ended: ${daemon.said.join('; ')}`)
    return daemon.said.some((line) => line.startsWith('ready'))
  })
  return daemon
}

async function ask<Answer>(work: (agent: Agent) => Promise<Answer>): Promise<Answer> {
  const agent = await openConfiguredAgent({ stateDirectory, config, purpose: 'a test' })
  try {
    return await work(agent)
  } finally {
    await agent.close()
  }
}

/** Approved by another person than its author, with nobody at the socket. */
async function approved(tool: string, args: readonly string[]): Promise<string> {
  const agent = await openConfiguredLocalAgent({ stateDirectory, config, purpose: 'a test' })
  try {
    const author = { actor: { kind: 'user', uid: 1002, name: 'ben' }, owner: false } as const
    const { proposal } = await agent.as(author).propose({
      draft: {
        mission_context: 'Keep the machine tidy',
        action_type: 'analysis',
        rationale: 'The list of programs is needed for the weekly report',
        expected_outcome: '',
        risk_level: 'low',
        rollback_plan: 'Nothing is changed, so nothing is undone',
        rollback: null,
        tool_name: tool,
        tool_args: [...args],
      },
    })
    await agent.as({ actor: ANA, owner: false }).approve({ proposal: proposal.id, digest: proposal.digest })
    return proposal.id
  } finally {
    await agent.close()
  }
}

async function stateOf(directory: string): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {}
  for (const name of (await readdir(directory, { recursive: true })).sort()) {
    const path = join(directory, name)
    const { mtimeMs, mode } = await lstat(path)
    const bytes = await readFile(path).catch(() => Buffer.alloc(0))
    found[name] = `${mode} ${mtimeMs} ${createHash('sha256').update(bytes).digest('hex')}`
  }
  return found
}

describe('the daemon', () => {
  test.each([
    ['a path', () => join(folder, 'notify')],
    ['an abstract socket', () => `@janus-test-${process.pid}`],
  ])('tells the service manager at %s that it is ready, that it lives and that it ends', async (_where, name) => {
    socket = await openNotifySocket(name())
    const { told } = socket
    const daemon = await ready({}, { NOTIFY_SOCKET: socket.name, WATCHDOG_USEC: '900000' })
    await eventually('it lives', () => told.filter((line) => line === 'WATCHDOG=1').length >= 2)
    expect(told.indexOf('READY=1')).toBeGreaterThan(-1)
    const status = await ask((agent) => agent.status())
    expect(status.daemon).toMatchObject({ healthy: true, running: [] })
    expect(status.daemon?.loops.map(({ name }) => name)).toContain('auto-executor')
    expect((await lstat(join(stateDirectory, 'run', 'agent.sock'))).mode & 0o777).toBe(0o600)
    daemon.child.kill('SIGTERM')
    expect(await daemon.exited).toBe(0)
    await eventually('its end was told', () => told.includes('STOPPING=1'))
    expect(daemon.said).toContain('ended: asked')
  })

  test('attack 27: a second one on the same state directory ends with 75 and names the first', async () => {
    const first = await ready()
    const second = start()
    expect(await second.exited).toBe(75)
    expect(second.said.join()).toContain(`process ${first.child.pid}`)
  })

  test('executes what is approved, and ends what runs when it is asked to end', async () => {
    const quick = await approved('list', ['/usr'])
    const daemon = await ready()
    await eventually(
      'it ran',
      async () => (await ask((agent) => agent.show({ proposal: quick }))).status === 'completed',
    )
    daemon.child.kill('SIGTERM')
    expect(await daemon.exited).toBe(0)
    const slow = await approved('wait', ['600'])
    const again = await ready()
    await eventually('it runs', async () => (await ask((agent) => agent.status())).daemon?.running[0] === slow)
    again.child.kill('SIGTERM')
    expect(await again.exited).toBe(0)
    const { status, reason } = await ask((agent) => agent.show({ proposal: slow }))
    expect(`${status}: ${reason?.text}`).toMatch(/^(suspended|unknown): /)
  })

  test('killed in the middle of a run, it says at its next start what is known of it, and who has to say the rest', async () => {
    const slow = await approved('wait', ['600'])
    const daemon = await ready()
    await eventually('it runs', async () => (await ask((agent) => agent.status())).daemon?.running[0] === slow)
    daemon.child.kill('SIGKILL')
    await daemon.exited
    const again = await ready()
    expect(again.said.join('\n')).toMatch(
      new RegExp(`${slow}, which was cut off, is undecided: .*janus agent proposals reconcile`),
    )
    expect((await ask((agent) => agent.show({ proposal: slow }))).status).toBe('unknown')
  })

  test('refuses to start while a stop stands, puts it on the record, and starts again once a person resumed', async () => {
    await mkdir(join(folder, 'EMERGENCY_STOP'))
    const refused = start()
    expect(await refused.exited).toBe(1)
    expect(refused.said.join()).toMatch(/error JANUS_AGENT_STOPPED: .*EMERGENCY_STOP is there.*janus agent resume/)
    expect((await ask((agent) => agent.status())).emergency?.stop).toMatchObject({ kind: 'file' })
    await ask((agent) => agent.resume({ reason: 'it was a drill' }))
    await ready()
  })

  test('stops everything by the file, records who made it, and ends with 0', async () => {
    const slow = await approved('wait', ['600'])
    const daemon = await ready()
    await eventually('it runs', async () => (await ask((agent) => agent.status())).daemon?.running[0] === slow)
    await writeFile(join(folder, 'EMERGENCY_STOP'), '')
    expect(await daemon.exited).toBe(0)
    expect(daemon.said).toContain('ended: stopped')
    const { emergency } = await ask((agent) => agent.status())
    expect(emergency?.stop).toMatchObject({ kind: 'file', by: { kind: 'user', uid: process.getuid?.() } })
    const { status, reason } = await ask((agent) => agent.show({ proposal: slow }))
    expect(`${status}: ${reason?.text}`).toMatch(/^(suspended|unknown): /)
  })

  test('answers whoever stops it over the socket before it ends', async () => {
    const daemon = await ready()
    const report = await ask((agent) => agent.stop({ reason: 'smoke' }))
    expect(report).toMatchObject({ cause: { kind: 'command', summary: 'smoke' }, problems: [] })
    expect(await daemon.exited).toBe(0)
  })

  test('attack 36: as root without a user for tools nothing is run: everything is stopped, with the remedy', async () => {
    await configure('')
    const text = (await readFile(config, 'utf8')).replace('sandbox: {', 'sandbox: {dynamic_user: nobody-there, ')
    await writeFile(config, text, { mode: 0o600 })
    const daemon = start({ toolUsers: undefined })
    if (!isRoot) {
      // An ordinary user runs tools as itself.
      await eventually('it is ready', () => daemon.said.some((line) => line.startsWith('ready')))
      return
    }
    expect(await daemon.exited).toBe(1)
    expect(daemon.said.join()).toMatch(/there is no user .*nobody-there.*useradd/)
    expect((await ask((agent) => agent.status())).emergency?.stop).toMatchObject({ kind: 'self-test' })
  })

  test('a supervisor that is killed is replaced; one that does not stay up stops everything', async () => {
    const daemon = await ready()
    const supervisor = async () =>
      Number((await readFile(join(stateDirectory, 'run', 'supervisor.pid'), 'utf8')).split(' ')[0])
    const killed = new Set<number>()
    await eventually('it has given up', async () => {
      const pid = await supervisor().catch(() => undefined)
      if (pid !== undefined && existsSync(`/proc/${pid}`) && !killed.has(pid)) {
        killed.add(pid)
        process.kill(pid, 'SIGKILL')
      }
      return daemon.child.exitCode !== null
    })
    expect(killed.size).toBeGreaterThan(1)
    expect(await daemon.exited).toBe(0)
    expect((await ask((agent) => agent.status())).emergency?.stop).toMatchObject({ kind: 'controls' })
  })

  test('an event loop that stood still is a violation on the record', async () => {
    await ready({ blockAfter: 6000, blockedAfter: 1000 })
    await eventually('it is recorded', async () => {
      const { controls } = await ask((agent) => agent.status())
      return (controls?.violations.count ?? 0) > 0
    })
  })

  test('a dry run says what would run, beside nobody, and leaves every byte as it was', async () => {
    const id = await approved('list', ['/usr'])
    const before = await stateOf(folder)
    const daemon = start({ dryRun: true })
    await eventually('it said so', () => daemon.said.some((line) => line.includes(`${id} would run`)))
    daemon.child.kill('SIGTERM')
    expect(await daemon.exited).toBe(0)
    expect(daemon.said.join('\n')).toContain('/ls /usr')
    expect(await stateOf(folder)).toEqual(before)
  })
})
