import { appendFileSync, chmodSync, copyFileSync, renameSync } from 'node:fs'
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ANA, EXECUTOR } from '../support/decision-context.js'
import { approved, type ExecutingParts, type ExecutingSettings, executing, script } from '../support/executing-agent.js'

let folder: string
let parts: ExecutingParts
const human = { actor: ANA, owner: false } as const

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-executor-')))
})

afterEach(async () => {
  await parts.agent.close()
  await rm(folder, { recursive: true, force: true })
})

async function open(settings: ExecutingSettings = {}): Promise<ExecutingParts> {
  parts = await executing(folder, settings)
  return parts
}

/** Waits until a run has left something. */
async function once(name: string): Promise<void> {
  while ((await effectsOf(name)) === '') await delay(10)
}

const effectsOf = async (name = 'log'): Promise<string> => readFile(join(parts.effects, name), 'utf8').catch(() => '')

describe('the execution of what was approved', () => {
  test('runs exactly what the warrant says, once, and records how it ended', async () => {
    const { agent, executor, effects } = await open()
    const id = await approved(agent, script(`echo done; echo effect >> ${effects}/log`))
    const { status, result } = await executor.execute(id, EXECUTOR)
    expect(status).toBe('completed')
    expect(result).toMatchObject({
      outcome: 'completed',
      exitStatus: 0,
      summary: 'it exited with 0',
      details: {
        stdout: { text: 'done\n', bytes: 5, truncated: false },
        warnings: [],
        enforced: [{ dimension: 'wall' }],
      },
    })
    expect(await effectsOf()).toBe('effect\n')
    await expect(executor.execute(id, EXECUTOR)).rejects.toMatchObject({ code: 'JANUS_AGENT_ALREADY_CONSUMED' })
    expect(await effectsOf()).toBe('effect\n')
    const types: string[] = []
    for await (const event of agent.record.history()) types.push(event.type)
    expect(types.slice(types.indexOf('warrant-consumed'))).toEqual([
      'warrant-consumed',
      'proposal-moved',
      'execution-ended',
      'proposal-moved',
      'request-refused',
    ])
  })

  test.each([
    ['an exit status other than 0', 'exit 3', { code: 'EXIT_STATUS', exitStatus: 3, summary: 'it exited with 3' }],
    ['the end by a signal', 'kill -9 $$', { code: 'SIGNALLED', exitStatus: null }],
    ['the end of its time', 'sleep 60', { code: 'TIMEOUT', exitStatus: null }],
  ])('%s is a failure, whatever was printed', async (_what, text, expected) => {
    const { agent, executor } = await open({ wallSeconds: 1 })
    const id = await approved(agent, script(`echo fine; ${text}`))
    const { status, result } = await executor.execute(id, EXECUTOR)
    expect(status).toBe('failed')
    expect(result).toMatchObject({ outcome: 'failed', ...expected })
  })

  test('what a run says of trouble on stderr is a warning', async () => {
    const { agent, executor } = await open()
    const id = await approved(agent, script('echo "cat: /x: Permission denied" >&2'))
    const { status, result } = await executor.execute(id, EXECUTOR)
    expect(status).toBe('completed')
    expect(result.details.warnings).toEqual(['stderr says: permission denied'])
  })

  test.each([
    ['{"stdout_includes":"12 files"}', 'completed', 'met'],
    ['{"stdout_includes":"13 files"}', 'failed', 'unmet'],
    ['{"stdout_json":true}', 'failed', 'unmet'],
    ['A list of twelve files', 'completed', 'words'],
  ])('an expectation that is data is held against what was printed: %s', async (expectedOutcome, status, verdict) => {
    const { agent, executor } = await open()
    const id = await approved(agent, script('echo there are 12 files'), { expectedOutcome })
    const execution = await executor.execute(id, EXECUTOR)
    expect(execution).toMatchObject({ status, result: { details: { expectation: { verdict } } } })
  })

  test('attack 26: of the variables only those that the warrant names are given, and a secret among them is not recorded', async () => {
    const { agent, executor, effects } = await open({
      entry: { environment: { API_TOKEN: 'canary-5f1c', GREETING: 'hello' } },
      executor: { environment: { LC_ALL: 'C', SECRET_OF_THE_DAEMON: 'x', PATH: '/home/somebody/bin' } },
    })
    const id = await approved(agent, script(`env | grep -v ^PWD= | sort | tee ${effects}/log`))
    const { result } = await executor.execute(id, EXECUTOR)
    expect(await effectsOf()).toBe('API_TOKEN=canary-5f1c\nGREETING=hello\nPATH=/usr/bin\n')
    expect(JSON.stringify(result)).not.toContain('canary-5f1c')
    expect(await readFile(join(folder, 'state/record/000000000001.jsonl'), 'utf8').catch(() => '')).not.toContain(
      'canary',
    )
  })
})

describe('nothing starts', () => {
  test('while everything is stopped: the proposal stays approved', async () => {
    const { agent, executor, sandbox } = await open({
      executor: { stopped: () => '/srv/janus/EMERGENCY_STOP is there' },
    })
    const id = await approved(agent, script('true'))
    await expect(executor.execute(id, EXECUTOR)).rejects.toMatchObject({
      code: 'JANUS_AGENT_NOT_PERMITTED',
      message: expect.stringContaining('EMERGENCY_STOP'),
    })
    expect(await agent.as(human).show({ proposal: id })).toMatchObject({ status: 'approved' })
    expect(sandbox.started).toEqual([])
  })

  test('attack 23: after the flag, also when it came once the warrant was used up', async () => {
    let flag: string | undefined
    const { agent, executor, sandbox } = await open({ executor: { stopped: () => flag } })
    const id = await approved(agent, script('true'))
    const unwatch = agent.record.watch(({ type }) => {
      if (type === 'warrant-consumed') flag = 'somebody stopped everything'
    })
    const { status, result } = await executor.execute(id, EXECUTOR)
    unwatch()
    expect(sandbox.started).toEqual([])
    expect(status).toBe('suspended')
    expect(result).toMatchObject({ code: 'STOPPED', summary: 'somebody stopped everything' })
  })

  test('when its program was replaced once the warrant was used up: attack 7, the last step of the way', async () => {
    const program = join(folder, 'tool')
    copyFileSync('/usr/bin/dash', program)
    chmodSync(program, 0o755)
    const { agent, executor, sandbox } = await open({ entry: { command: [program, '-c'] } })
    const id = await approved(agent, script('true'))
    const unwatch = agent.record.watch(({ type }) => {
      if (type !== 'warrant-consumed') return
      copyFileSync('/usr/bin/ls', `${program}.new`)
      chmodSync(`${program}.new`, 0o755)
      renameSync(`${program}.new`, program)
    })
    const { status, result } = await executor.execute(id, EXECUTOR)
    unwatch()
    expect({ status, code: result.code, started: sandbox.started }).toEqual({
      status: 'failed',
      code: 'PROGRAM_REPLACED',
      started: [],
    })
  })

  test('a program that is touched while it runs is told: what ran may have been another', async () => {
    const program = join(folder, 'tool')
    copyFileSync('/usr/bin/dash', program)
    chmodSync(program, 0o755)
    const { agent, executor } = await open({
      entry: { command: [program, '-c'] },
      executor: { onStarted: () => renameSync(program, `${program}.away`) },
    })
    const id = await approved(agent, script('sleep 0.2'))
    const { status, result } = await executor.execute(id, EXECUTOR)
    expect({ status, code: result.code }).toEqual({ status: 'unknown', code: 'PROGRAM_REPLACED' })
  })

  test('that nobody could end: what the registration of a process throws ends the run', async () => {
    const { agent, executor, effects } = await open({
      executor: {
        onStarted: () => {
          throw new Error('the supervisor is gone')
        },
      },
    })
    const id = await approved(agent, script(`sleep 0.3; echo effect >> ${effects}/log`))
    const { status, result } = await executor.execute(id, EXECUTOR)
    expect(status).toBe('unknown')
    expect(result.summary).toContain('the supervisor is gone')
    expect(await effectsOf()).toBe('')
  })
})

describe('a run that is cancelled', () => {
  test.each([
    ['workspace', 'suspended'],
    ['outside', 'unknown'],
  ] as const)(
    'of a tool whose side effects are declared as %s ends %s, and nothing is undone unasked',
    async (sideEffects, status) => {
      const cancel = new AbortController()
      const { agent, executor, effects } = await open({
        manifest: { sideEffects },
        executor: { onStarted: () => setTimeout(() => cancel.abort(), 50) },
      })
      const id = await approved(agent, script('sleep 60'), { rollback: script(`echo undone >> ${effects}/log`) })
      const execution = await executor.execute(id, EXECUTOR, { signal: cancel.signal })
      expect(execution).toMatchObject({ status, result: { code: 'CANCELLED' } })
      expect(await effectsOf()).toBe('')
    },
  )
})

describe('attack 30: a rollback', () => {
  const failing = 'echo half >> EFFECTS/log; exit 1'
  const undo = 'echo undone >> EFFECTS/log'
  const put = async (action: string, rollback?: string) => {
    const place = (text: string) => script(text.replaceAll('EFFECTS', parts.effects))
    return approved(parts.agent, place(action), rollback === undefined ? {} : { rollback: place(rollback) })
  }

  test('that was approved with an action runs at once when the action fails', async () => {
    const { agent, executor } = await open()
    const id = await put(failing, undo)
    const { status, result } = await executor.execute(id, EXECUTOR)
    expect(status).toBe('failed')
    expect(result).toMatchObject({
      outcome: 'failed',
      code: 'EXIT_STATUS',
      summary: 'it exited with 1; its rollback undid it',
      details: { rollback: { outcome: 'completed' } },
    })
    expect(await effectsOf()).toBe('half\nundone\n')
    expect(agent.record.state.violations.total).toBe(0)
  })

  test('that fails too leaves the machine dirty: a violation, and the mode falls to alpha', async () => {
    const { agent, executor } = await open()
    const by = { kind: 'system', name: 'test' } as const
    const payload = { from: 'alpha', to: 'beta', by, because: 'promotion', evidence: null } as const
    await agent.record.commit(() => ({ events: [{ type: 'mode-changed', payload }], answer: undefined }))
    const id = await put(failing, 'exit 7')
    const { status, result } = await executor.execute(id, EXECUTOR)
    expect(status).toBe('failed')
    expect(result.outcome).toBe('failed-dirty')
    expect(agent.record.state).toMatchObject({
      mode: { mode: 'alpha' },
      violations: { latest: { code: 'FAILED_DIRTY' } },
    })
  })

  test('runs once: neither after it ran by itself, nor twice when a person asks', async () => {
    const { agent, executor } = await open()
    const failed = await put(failing, undo)
    await executor.execute(failed, EXECUTOR)
    const person = agent.as(human)
    await expect(person.rollback({ proposal: failed, reason: 'again' })).rejects.toMatchObject({
      code: 'JANUS_AGENT_ALREADY_CONSUMED',
    })
    const completed = await put('echo whole >> EFFECTS/log', undo)
    await executor.execute(completed, EXECUTOR)
    const asks = await Promise.allSettled(
      [1, 2, 3].map(() => person.rollback({ proposal: completed, reason: 'not wanted after all' })),
    )
    expect(asks.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected'])
    expect(await effectsOf()).toBe('half\nundone\nwhole\nundone\n')
    expect((await person.show({ proposal: completed })).status).toBe('completed')
  })

  test('that a person asks for and that fails is a violation', async () => {
    const { agent, executor } = await open()
    const id = await put('true', 'exit 1')
    await executor.execute(id, EXECUTOR)
    const { result } = await agent.as(human).rollback({ proposal: id, reason: 'not wanted' })
    expect(result).toMatchObject({ outcome: 'failed', exitStatus: 1 })
    expect(agent.record.state.violations.latest).toMatchObject({ code: 'FAILED_DIRTY' })
  })

  test('of an execution whose end is unknown runs only when a person asks, and settles it', async () => {
    const { agent, executor } = await open({
      manifest: { sideEffects: 'outside' },
      executor: { onStarted: () => void once('log').then(() => cancel.abort()) },
    })
    const cancel = new AbortController()
    const id = await put('echo half >> EFFECTS/log; sleep 60', undo)
    expect(await executor.execute(id, EXECUTOR, { signal: cancel.signal })).toMatchObject({ status: 'unknown' })
    expect(await effectsOf()).toBe('half\n')
    const { record } = await agent.as(human).rollback({ proposal: id, reason: 'it hung' })
    expect(record).toMatchObject({ status: 'failed', reason: { text: expect.stringContaining('undone') } })
    expect(await effectsOf()).toBe('half\nundone\n')
  })

  test.each([
    [
      'of what never ran',
      async () => approved(parts.agent, script('true'), { rollback: script('true') }),
      'JANUS_AGENT_TRANSITION_ILLEGAL',
    ],
    [
      'that was not approved',
      async () => {
        const id = await put('true')
        await parts.executor.execute(id, EXECUTOR)
        return id
      },
      'JANUS_AGENT_NOT_PERMITTED',
    ],
  ] as const)('%s is refused', async (_what, prepare, code) => {
    const { agent, sandbox } = await open()
    const id = await prepare()
    const before = sandbox.started.length
    await expect(agent.as(human).rollback({ proposal: id, reason: 'please' })).rejects.toMatchObject({ code })
    expect(sandbox.started.length).toBe(before)
  })

  test('whose program is not the approved one any more is refused, and can be asked for again once it is', async () => {
    const program = join(folder, 'tool')
    copyFileSync('/usr/bin/dash', program)
    chmodSync(program, 0o755)
    const { agent, executor } = await open({ entry: { command: [program, '-c'] } })
    const id = await put('true', undo)
    await executor.execute(id, EXECUTOR)
    renameSync(program, `${program}.away`)
    copyFileSync('/usr/bin/dash', program)
    appendFileSync(program, '\n')
    chmodSync(program, 0o755)
    const ask = () => agent.as(human).rollback({ proposal: id, reason: 'please' })
    await expect(ask()).rejects.toMatchObject({ code: 'JANUS_AGENT_STALE' })
    renameSync(`${program}.away`, program)
    expect((await ask()).result.outcome).toBe('completed')
    expect(await effectsOf()).toBe('undone\n')
  })
})
