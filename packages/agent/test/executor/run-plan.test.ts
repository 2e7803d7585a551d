import { execFile } from 'node:child_process'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Executor, janusError, type Plan } from '@janus/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { reconcileUnknown } from '../../src/index.js'
import { ANA, EXECUTOR } from '../support/decision-context.js'
import { approved, type ExecutingParts, executing } from '../support/executing-agent.js'
import { type RootJanus, rootJanus } from '../support/root-janus.js'

const PROGRAM = fileURLToPath(new URL('../support/apply-and-be-killed.ts', import.meta.url))
const human = { actor: ANA, owner: false } as const
let folder: string
let root: RootJanus
let parts: ExecutingParts

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-plans-')))
})

afterEach(async () => {
  await parts.agent.close()
  await root.janus.close()
  await rm(folder, { recursive: true, force: true })
})

async function open(executor?: Executor): Promise<void> {
  root = rootJanus(folder, executor)
  parts = await executing(folder, { executor: { plans: root.janus } })
}

const plan = (options: object): Promise<Plan> => root.janus.plan('test-lines', options)
const approve = async (wanted: Plan) => approved(parts.agent, { kind: 'module', plan: wanted, accept: [] })
const exits = (code: number, effect: () => void = () => undefined): Executor =>
  ({
    run: async () => {
      effect()
      return { exitCode: code, stdout: '', stderr: 'no', timedOut: false, truncated: false, durationMs: 1 }
    },
  }) as never

describe('an approved plan of a module', () => {
  test('is applied as a transaction and verified, and undone from the journal, once, when a person asks', async () => {
    await open()
    const id = await approve(await plan({ line: 'one' }))
    const { status, result } = await parts.executor.execute(id, EXECUTOR)
    expect(status).toBe('completed')
    expect(result.details).toMatchObject({ transaction: expect.any(String), steps: 1 })
    expect(root.text()).toBe('zero\none\n')
    const person = parts.agent.as(human)
    expect((await person.rollback({ proposal: id, reason: 'not wanted' })).result.outcome).toBe('completed')
    expect(root.text()).toBe('zero\n')
    await expect(person.rollback({ proposal: id, reason: 'again' })).rejects.toMatchObject({
      code: 'JANUS_AGENT_ALREADY_CONSUMED',
    })
  })

  test('that does not fit the machine any more fails before anything is touched', async () => {
    await open()
    const id = await approve(await plan({ line: 'one' }))
    root.write('other\n')
    const { status, result } = await parts.executor.execute(id, EXECUTOR)
    expect({ status, outcome: result.outcome, code: result.code }).toEqual({
      status: 'failed',
      outcome: 'failed',
      code: 'JANUS_PLAN_STALE',
    })
    expect(root.text()).toBe('other\n')
  })

  test.each([
    ['a step fails', { line: 'one', command: '/usr/bin/fails' }, 1],
    ['what it wants does not hold afterwards', { line: 'one', expect: 'two' }, 0],
  ])('is undone as a whole when %s', async (_why, options, code) => {
    await open(exits(code))
    const id = await approve(await plan(options))
    const { status, result } = await parts.executor.execute(id, EXECUTOR)
    expect({ status, outcome: result.outcome }).toEqual({ status: 'failed', outcome: 'failed' })
    expect(result.summary).toContain('has been undone')
    expect(root.text()).toBe('zero\n')
  })

  test('attack 30: that could not be undone leaves the machine dirty: a violation', async () => {
    await open(exits(1, () => root.write('somebody else\n')))
    const id = await approve(await plan({ line: 'one', command: '/usr/bin/fails' }))
    const { status, result } = await parts.executor.execute(id, EXECUTOR)
    expect({ status, outcome: result.outcome }).toEqual({ status: 'failed', outcome: 'failed-dirty' })
    expect(parts.agent.record.state.violations.latest).toMatchObject({ code: 'FAILED_DIRTY' })
  })

  test('that is cancelled is undone, and suspended', async () => {
    const cancel = new AbortController()
    await open(exits(0, () => cancel.abort()))
    const id = await approve(await plan({ line: 'one', command: '/usr/bin/works' }))
    const { status, result } = await parts.executor.execute(id, EXECUTOR, { signal: cancel.signal })
    expect({ status, code: result.code }).toEqual({ status: 'suspended', code: 'JANUS_ABORTED' })
    expect(root.text()).toBe('zero\n')
  })

  test("attack 30: a transaction of the same plan that a person made is nobody else's to undo", async () => {
    root = rootJanus(folder)
    const locked = async () => {
      throw janusError('JANUS_STATE_LOCKED', 'somebody else is at it')
    }
    const plans = { apply: locked, rollback: root.janus.rollback, history: root.janus.history }
    parts = await executing(folder, { executor: { plans } })
    const wanted = await plan({ line: 'one' })
    const id = await approve(wanted)
    await root.janus.apply(wanted)
    const { status } = await parts.executor.execute(id, EXECUTOR)
    await expect(parts.agent.as(human).rollback({ proposal: id, reason: 'undo it' })).rejects.toMatchObject({
      code: 'JANUS_AGENT_NOT_PERMITTED',
      message: expect.stringContaining('nothing to undo'),
    })
    expect({ status, text: root.text() }).toEqual({ status: 'failed', text: 'zero\none\n' })
  })

  test('attack 14: that a crash cut off is unknown until the journal tells, and named is what to do', async () => {
    await open()
    const id = await approve(await plan({ line: 'one', command: '/usr/bin/kills' }))
    await parts.agent.close()
    const signal = await new Promise((resolve) => {
      const args = ['--import', 'tsx', PROGRAM, JSON.stringify({ folder, proposal: id })]
      execFile(process.execPath, args, (error) => resolve(error?.signal))
    })
    expect(signal).toBe('SIGKILL')
    expect(root.text()).toBe('zero\none\n')
    parts = await executing(folder, { executor: { plans: root.janus } })
    const { agent, sandbox } = parts
    const statusOf = async () => (await agent.as(human).show({ proposal: id })).status
    const options = { agent, sandbox, plans: root.janus, tools: { entry: () => undefined, manifest: () => undefined } }
    const look = () => reconcileUnknown({ ...options, stopped: () => undefined })
    expect(await statusOf()).toBe('unknown')
    expect(await look()).toMatchObject([{ outcome: 'undecided', because: expect.stringContaining('janus recover') }])
    expect(await statusOf()).toBe('unknown')
    await root.janus.recover()
    expect(root.text()).toBe('zero\n')
    expect(await look()).toMatchObject([{ outcome: 'failed', because: expect.stringContaining('is undone') }])
    expect(await statusOf()).toBe('failed')
    expect(await look()).toEqual([])
  })
})
