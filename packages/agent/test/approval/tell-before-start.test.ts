import { chmod, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Actor, RiskLevel } from '../../src/index.js'
import type { LocalAgent } from '../../src/local/local-agent.js'
import { ANA, EXECUTOR, put } from '../support/decision-context.js'
import { executor, localAgent } from '../support/local-agent.js'
import { sampleProposal } from '../support/sample-proposal.js'

const RULE: Actor = { kind: 'system', name: 'auto-approval-system' }
let folder: string
let script: string
let agent: LocalAgent | undefined

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-tell-')))
  script = join(folder, 'notify')
  await telling(0)
})

afterEach(async () => {
  await agent?.close()
  await rm(folder, { recursive: true, force: true })
})

async function telling(exitCode: number): Promise<void> {
  await writeFile(script, `#!/bin/sh\nprintf '%s\\n' "$1" >> ${folder}/told\nexit ${exitCode}\n`)
  await chmod(script, 0o755)
}

async function approved(by: Actor, risk: RiskLevel, metadata = {}): Promise<string> {
  const { id, digest } = await put((agent as LocalAgent).record, sampleProposal({ risk, content: { metadata } }))
  await (agent as LocalAgent).as({ actor: by, owner: false }).approve({ proposal: id, digest })
  return id
}

const told = async (id: string): Promise<number> =>
  (await readFile(join(folder, 'told'), 'utf8').catch(() => '')).split('\n').filter((line) => line.includes(id)).length

describe('what no person approved and what changes something', () => {
  test('starts once people were told of it: when it was proposed, and again before it starts', async () => {
    agent = await localAgent(join(folder, 'state'), { notification: { path: script, executor } })
    const id = await approved(RULE, 'medium')
    await expect.poll(() => told(id)).toBe(1)
    await agent.consume(id, EXECUTOR)
    expect(await told(id)).toBe(2)
    const events: string[] = []
    for await (const { type } of agent.record.history()) events.push(type)
    expect(events.lastIndexOf('notification-sent')).toBeLessThan(events.indexOf('warrant-consumed'))
  })

  test('does not start while they cannot be told, and does when they can', async () => {
    await telling(1)
    agent = await localAgent(join(folder, 'state'), { notification: { path: script, executor } })
    const id = await approved(RULE, 'medium')
    const refused = { code: 'JANUS_AGENT_NOT_PERMITTED', remedy: expect.stringContaining('notification_script') }
    await expect(agent.consume(id, EXECUTOR)).rejects.toMatchObject(refused)
    expect(agent.record.state.open.get(id)).toMatchObject({ status: 'approved' })
    await telling(0)
    await expect(agent.consume(id, EXECUTOR)).resolves.toMatchObject({ proposalId: id })
  })

  test('does not start where nobody is ever told', async () => {
    agent = await localAgent(join(folder, 'state'))
    const id = await approved(RULE, 'medium')
    await expect(agent.consume(id, EXECUTOR)).rejects.toMatchObject({ code: 'JANUS_AGENT_NOT_PERMITTED' })
  })

  test.each([
    ['a person approved', ANA, 'medium', {}],
    ['changes nothing', RULE, 'low', {}],
    ['is a step of an approved playbook', RULE, 'medium', { playbook_id: 'maintenance-001' }],
  ] as const)('is not what %s: that starts without further ado', async (_what, by, risk, metadata) => {
    agent = await localAgent(join(folder, 'state'))
    const id = await approved(by, risk, metadata)
    await expect(agent.consume(id, EXECUTOR)).resolves.toMatchObject({ proposalId: id })
  })
})
