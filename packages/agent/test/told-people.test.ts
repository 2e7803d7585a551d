import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { LocalAgent } from '../src/local/local-agent.js'
import { agentFolder, ana } from './support/agent-folder.js'
import { BEN, put } from './support/decision-context.js'
import { executor } from './support/local-agent.js'
import { sampleProposal } from './support/sample-proposal.js'

const place = agentFolder()

describe('people are told of a proposal by a script', () => {
  const sent = async (agent: LocalAgent) => {
    const found: unknown[] = []
    for await (const { type, payload } of agent.record.history()) if (type === 'notification-sent') found.push(payload)
    return found
  }

  test('that gets one argument, nothing of our environment, and no more than it needs', async () => {
    const path = join(place.folder, 'notify.sh')
    await writeFile(path, `#!/bin/sh\nprintf '%s' "$1" > ${place.folder}/told\nenv > ${place.folder}/env\n`, {
      mode: 0o755,
    })
    process.env.CANARY_SECRET = 'canary-secret-4711'
    const agent = await place.open(place.directory, { notification: { path, executor } })
    const { proposal } = await agent.as(ana).propose({ draft: { rationale: `look \u001b[2J ${'x'.repeat(500)}` } })
    await agent.close()
    delete process.env.CANARY_SECRET
    const told = JSON.parse(await readFile(join(place.folder, 'told'), 'utf8')) as Record<string, string>
    expect(Object.keys(told).sort()).toEqual([
      'action_type',
      'approve_command',
      'proposal_id',
      'reject_command',
      'review_command',
      'risk_level',
      'summary',
      'timestamp',
      'vessel_id',
    ])
    expect(told).toMatchObject({
      proposal_id: proposal.id,
      approve_command: `janus agent approve ${proposal.id} ${proposal.digest.slice(0, 8)}`,
    })
    expect(told.summary).toMatch(/^look \\x1b\[2J x{190}/)
    expect(await readFile(join(place.folder, 'env'), 'utf8')).not.toContain('canary')
    const next = await place.open()
    expect(await sent(next)).toEqual([{ proposal: proposal.id, ok: true, summary: 'ended with 0' }])
  })

  test('that is asked for a flood runs a few at a time, and says of each whether it was told', async () => {
    const path = join(place.folder, 'notify.sh')
    // Each counts those that run beside it.
    await writeFile(
      path,
      `#!/bin/sh\ntouch ${place.folder}/run-$$\nls ${place.folder} | grep -c run- >> ${place.folder}/counts\nrm ${place.folder}/run-$$\n`,
      { mode: 0o755 },
    )
    const agent = await place.open(place.directory, { notification: { path, executor } })
    const proposals = await Promise.all(Array.from({ length: 150 }, () => put(agent.record, sampleProposal())))
    await expect.poll(async () => (await sent(agent)).length, { timeout: 60_000, interval: 300 }).toBe(150)
    const told = (await sent(agent)) as { proposal: string; ok: boolean }[]
    expect(told.map(({ proposal }) => proposal).sort()).toEqual(proposals.map(({ id }) => id).sort())
    expect(told.filter(({ ok }) => !ok)).toHaveLength(48)
    const counts = (await readFile(join(place.folder, 'counts'), 'utf8')).trim().split('\n').map(Number)
    expect(counts).toHaveLength(102)
    expect(Math.max(...counts)).toBeLessThanOrEqual(2)
  })

  test.each<readonly [string, string | undefined, string]>([
    ['fails', 'exit 3', 'ended with 3'],
    ['hangs', 'sleep 60', 'ended after 200 ms'],
    ['is not there', undefined, 'was not found'],
  ])('that %s changes nothing, and that is on the record', async (_what, body, summary) => {
    const path = join(place.folder, 'notify.sh')
    if (body !== undefined) await writeFile(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
    const agent = await place.open(place.directory, { notification: { path, executor, timeout: 200 } })
    const { proposal } = await agent.as(ana).propose({ draft: {} })
    expect(
      await agent.as({ actor: BEN, owner: false }).approve({ proposal: proposal.id, digest: proposal.digest }),
    ).toMatchObject({ status: 'approved' })
    await agent.close()
    const next = await place.open()
    expect(await sent(next)).toEqual([{ proposal: proposal.id, ok: false, summary: expect.stringContaining(summary) }])
  })
})
