import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { reconcileUnknown } from '../../src/index.js'
import { ANA, EXECUTOR } from '../support/decision-context.js'
import { approved, type ExecutingParts, executing, MANIFEST, noPlans, script } from '../support/executing-agent.js'

const human = { actor: ANA, owner: false } as const
let folder: string
let parts: ExecutingParts

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-reconcile-')))
  parts = await executing(folder)
})

afterEach(async () => {
  await parts.agent.close()
  await rm(folder, { recursive: true, force: true })
})

/** An execution that a crash cut off. */
async function cutOff(): Promise<string> {
  const id = await approved(parts.agent, script('the argument'))
  await parts.agent.consume(id, EXECUTOR)
  await parts.agent.close()
  parts = await executing(folder)
  return id
}

const statusOf = async (proposal: string) => (await parts.agent.as(human).show({ proposal })).status

function look(probe: readonly string[] | undefined, stopped?: string) {
  const { agent, sandbox } = parts
  const manifest = probe === undefined ? MANIFEST : { ...MANIFEST, probe }
  const tools = { entry: () => undefined, manifest: () => manifest }
  return reconcileUnknown({ agent, sandbox, tools, plans: noPlans, stopped: () => stopped })
}

describe('an execution whose end nobody saw', () => {
  test.each([
    ['took effect', 'exit 0', 'completed'],
    ['had no effect', 'exit 1', 'failed'],
    ['is anything else', 'exit 2', 'unknown'],
    ['does not answer', 'kill -9 $$', 'unknown'],
  ])('is settled by the probe of its tool, which says that it %s: %s', async (_what, says, status) => {
    const id = await cutOff()
    const asked = join(parts.effects, 'asked')
    const probe = ['/usr/bin/dash', '-c', `echo "$0" >> ${asked}; ${says}`]
    const outcome = status === 'unknown' ? 'undecided' : status
    expect(await look(probe)).toMatchObject([{ proposal: id, outcome, because: expect.stringContaining('probe') }])
    expect(await statusOf(id)).toBe(status)
    expect(await look(undefined)).toHaveLength(status === 'unknown' ? 1 : 0)
  })

  test('stays unknown without a probe, and when its tool is another one by now', async () => {
    const id = await cutOff()
    expect(await look(undefined)).toMatchObject([{ outcome: 'undecided', because: 'its tool declares no probe' }])
    await parts.agent.close()
    parts = await executing(folder, { entry: { environment: { CHANGED: 'yes' } } })
    const probe = ['/usr/bin/true']
    expect(await look(probe)).toMatchObject([{ outcome: 'undecided', because: 'its tool is another one by now' }])
    expect([await statusOf(id), parts.sandbox.started]).toEqual(['unknown', []])
  })

  test('is not looked after while everything is stopped', async () => {
    const id = await cutOff()
    expect(await look(['/usr/bin/true'], 'everything is stopped')).toEqual([])
    expect([await statusOf(id), parts.sandbox.started]).toEqual(['unknown', []])
  })
})
