import { mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { agentError } from '../../src/errors/agent-error.js'
import {
  createExecutionQueue,
  type Execution,
  type ExecutionQueue,
  type ExecutionQueueOptions,
  moveProposal,
} from '../../src/index.js'
import { ANA, EXECUTOR, LIST_TOOL } from '../support/decision-context.js'
import { approved, type ExecutingParts, type ExecutingSettings, executing, script } from '../support/executing-agent.js'
import { PERMISSIVE_PARTS } from '../support/local-agent.js'
import { settableClock } from '../support/settable-clock.js'

let folder: string
let parts: ExecutingParts
let queue: ExecutionQueue
let ended: Execution[]
let problems: unknown[]

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-queue-')))
  ended = []
  problems = []
})

afterEach(async () => {
  await queue.stop()
  await parts.agent.close()
  await rm(folder, { recursive: true, force: true })
})

async function open(settings: ExecutingSettings = {}, more: Partial<ExecutionQueueOptions> = {}): Promise<void> {
  parts = await executing(folder, settings)
  queue = createExecutionQueue({
    agent: parts.agent,
    executor: parts.executor,
    by: EXECUTOR,
    clock: parts.clock,
    concurrency: 2,
    stopped: () => undefined,
    onEnd: (execution) => ended.push(execution),
    onProblem: (_proposal, problem) => problems.push(problem),
    ...more,
  })
}

/** A run that says that it began, and ends when it is told to. */
const held = (name: string) =>
  script(`touch ${parts.effects}/${name}; until test -e ${parts.effects}/go; do sleep 0.02; done`)
const begun = async (): Promise<readonly string[]> =>
  (await readdir(parts.effects)).filter((name) => name !== 'go').sort()

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(10)
}

describe('the queue of what is approved', () => {
  test('executes in the order in which it was approved, never more at a time than allowed', async () => {
    const clock = settableClock()
    await open({ agent: { clock } })
    for (const name of ['a', 'b', 'c', 'd']) {
      await approved(parts.agent, held(name))
      clock.pass(1)
    }
    await until(async () => (await begun()).length === 2)
    expect(await begun()).toEqual(['a', 'b'])
    expect([queue.running.length, queue.waiting.length]).toEqual([2, 2])
    await writeFile(join(parts.effects, 'go'), '')
    await queue.idle()
    expect(ended.map(({ status }) => status)).toEqual(['completed', 'completed', 'completed', 'completed'])
    expect(await begun()).toEqual(['a', 'b', 'c', 'd'])
    expect(problems).toEqual([])
  })

  test('follows the number that controls set, at any time: down to nothing, and up again', async () => {
    await open({}, { concurrency: 1 })
    for (const name of ['a', 'b', 'c']) await approved(parts.agent, held(name))
    await until(() => queue.running.length === 1)
    queue.setConcurrency(0)
    await writeFile(join(parts.effects, 'go'), '')
    await queue.idle()
    expect([ended.length, queue.waiting.length]).toEqual([1, 2])
    queue.setConcurrency(3)
    await queue.idle()
    await until(() => ended.length === 3)
    expect(queue.waiting).toEqual([])
  })

  test('leaves what needs the network alone while it is blocked, and goes on with the rest', async () => {
    const network = { kind: 'tool', tool: 'list', args: [], kwargs: {}, network: ['example.org'] } as const
    const find = { ...LIST_TOOL, allow_network: true }
    await open({ tools: { list: find } })
    queue.setNetworkBlocked('the host is under pressure')
    const blocked = await approved(parts.agent, network)
    await approved(parts.agent, script('true'))
    await queue.idle()
    expect(ended.map(({ status }) => status)).toEqual(['completed'])
    expect(queue.waiting).toEqual([blocked])
    queue.setNetworkBlocked(undefined)
    await until(() => ended.length === 2)
    expect(queue.waiting).toEqual([])
  })

  test('starts nothing while everything is stopped, and nothing that the rules do not let run; the record is not filled with refusals', async () => {
    let [stopped, denied] = ['everything is stopped', true] as [string | undefined, boolean]
    const permitExecution = () => {
      if (denied) throw agentError('JANUS_AGENT_POLICY_DENIED', 'no rule allows it')
    }
    await open({ agent: { parts: { ...PERMISSIVE_PARTS, permitExecution } } }, { stopped: () => stopped })
    const id = await approved(parts.agent, script('true'))
    await queue.idle()
    expect([parts.sandbox.started.length, queue.waiting.length]).toEqual([0, 1])
    stopped = undefined
    const before = parts.agent.record.state.lastSeq
    for (let times = 0; times < 5; times += 1) {
      queue.poke()
      await queue.idle()
    }
    expect(parts.agent.obstacleTo(id)).toBe('no rule allows it')
    expect([parts.sandbox.started.length, parts.agent.record.state.lastSeq]).toEqual([0, before])
    denied = false
    queue.poke()
    await until(() => ended.length === 1)
    expect(problems).toEqual([])
  })

  test('ends what runs at once when it is stopped, waits until that is recorded, and starts nothing more', async () => {
    await open()
    for (const name of ['a', 'b', 'c']) await approved(parts.agent, held(name))
    await until(async () => (await begun()).length === 2)
    await queue.stop()
    expect(ended.map(({ status, result }) => [status, result.code])).toEqual([
      ['suspended', 'CANCELLED'],
      ['suspended', 'CANCELLED'],
    ])
    expect(queue.waiting.length).toBe(1)
    queue.poke()
    await delay(50)
    expect(parts.sandbox.started.length).toBe(2)
    const person = parts.agent.as({ actor: ANA, owner: false })
    const statuses = (await person.list({})).map(({ status }) => status).sort()
    expect(statuses).toEqual(['approved', 'suspended', 'suspended'])
  })

  test('tells whoever waits for an execution that it will not come: rejected, or suspended by a stop', async () => {
    await open({}, { concurrency: 0 })
    const person = parts.agent.as({ actor: ANA, owner: false })
    const [one, other] = [await approved(parts.agent, script('true')), await approved(parts.agent, script('true'))]
    const waits = [one, other].map((id) => queue.whenEnded(id).catch((error: Error) => error.message))
    await person.reject({ proposal: one, reason: 'no', withdraw: true })
    await moveProposal(parts.agent.record, { proposal: other, to: 'suspended', by: ANA, reason: { text: 'a stop' } })
    expect(await Promise.all(waits)).toEqual([`${one} is rejected: no`, `${other} is suspended: a stop`])
  })

  test('ends one run without touching the others', async () => {
    await open()
    const [one, other] = [await approved(parts.agent, held('a')), await approved(parts.agent, held('b'))]
    await until(async () => (await begun()).length === 2)
    expect([queue.cancel(one), queue.cancel('janus-000000000000')]).toEqual([true, false])
    await until(() => ended.length === 1)
    expect([ended[0]?.proposal, queue.running]).toEqual([one, [other]])
    await writeFile(join(parts.effects, 'go'), '')
    await queue.idle()
    expect(ended[1]).toMatchObject({ proposal: other, status: 'completed' })
  })
})
