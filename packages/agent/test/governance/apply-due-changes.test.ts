import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { GOVERNANCE } from '../../src/governance/apply-due-changes.js'
import { governBySettings, type LocalAgent, openLocalAgent, parseSettings, settingsDigest } from '../../src/index.js'
import type { LiveConditions } from '../../src/mode/live-conditions.js'
import { ANA, BEN } from '../support/decision-context.js'
import { settableClock } from '../support/settable-clock.js'

const DAY = 24 * 3600
let folder: string
let opened: LocalAgent[]

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-due-')))
  opened = []
})

afterEach(async () => {
  for (const agent of opened) await agent.close()
  await rm(folder, { recursive: true, force: true })
})

async function open(clock = settableClock(), live: () => LiveConditions = () => ({})): Promise<LocalAgent> {
  const loaded = await parseSettings('approval_workflow: {notification_enabled: false}', 'agent.yaml')
  const agent = await openLocalAgent({
    stateDirectory: join(folder, 'state'),
    purpose: 'a test',
    vesselId: loaded.settings.vessel_id,
    clock,
    version: '0.0.0',
    govern: governBySettings({ loaded, bootId: 'boot-1', ownUid: 0, live }),
  })
  opened.push(agent)
  return agent
}

/** A change of a setting that somebody else approved. */
async function approvedChange(agent: LocalAgent, concurrency: number): Promise<string> {
  const key = 'harness.max_concurrency'
  const change = { subject: 'settings', from: settingsDigest([key], () => 2), set: { [key]: concurrency } } as const
  const rationale = 'The weekly report needs another number of runs'
  const { proposal } = await agent.as({ actor: ANA, owner: false }).proposeChange({ change, rationale })
  await agent.as({ actor: BEN, owner: false }).approve({ proposal: proposal.id, digest: proposal.digest })
  return proposal.id
}

async function refusals(agent: LocalAgent): Promise<number> {
  let count = 0
  for await (const { type } of agent.record.history()) if (type === 'request-refused') count += 1
  return count
}

describe('a change of the rules that is due', () => {
  test('attack 18: is not made by a clock that is set forward over its review time', async () => {
    const clock = settableClock()
    const agent = await open(clock)
    const id = await approvedChange(agent, 8)
    clock.set(new Date(clock.now().getTime() + 7 * DAY * 1000).toISOString())
    await agent.tick()
    expect(agent.record.state.settings['harness.max_concurrency']).toBeUndefined()
    expect(agent.record.state.open.get(id)).toMatchObject({ status: 'approved' })
  })

  test('waits while everything is stopped, when it makes the rules looser', async () => {
    const clock = settableClock()
    let emergency: string | undefined = 'somebody stopped it'
    const agent = await open(clock, () => ({ emergency }))
    const looser = await approvedChange(agent, 8)
    clock.pass(7 * DAY)
    await agent.tick()
    expect(agent.record.state.open.get(looser)).toMatchObject({ status: 'approved' })
    emergency = undefined
    await agent.tick()
    expect(agent.record.state.settings['harness.max_concurrency']).toBe(8)
  })

  test('and that a crash cut off has failed: it is not in effect, and is tried no more', async () => {
    const agent = await open()
    const id = await approvedChange(agent, 1)
    await agent.consume(id, GOVERNANCE)
    await agent.close()
    const next = await open()
    for (let times = 0; times < 3; times += 1) await next.tick()
    expect(await next.as({ actor: ANA, owner: false }).show({ proposal: id })).toMatchObject({ status: 'failed' })
    expect(next.record.state.settings['harness.max_concurrency']).toBeUndefined()
    expect(next.record.state.scheduled.size).toBe(0)
    expect(await refusals(next)).toBe(0)
  })
})
