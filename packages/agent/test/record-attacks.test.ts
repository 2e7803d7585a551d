import { chmod, cp, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JsonValue } from '@janus/core'
import { canonicalJson } from '@janus/core/ledger'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Caller } from '../src/index.js'
import { agentFolder, ana } from './support/agent-folder.js'
import { EXECUTOR, put, RULES } from './support/decision-context.js'
import { sampleProposal } from './support/sample-proposal.js'
import { settableClock } from './support/settable-clock.js'

const place = agentFolder()
const owner: Caller = { actor: { kind: 'user', uid: 0, name: 'root' }, owner: true }
type JsonRecord = Readonly<Record<string, JsonValue>>

describe('attack 8: a record from elsewhere', () => {
  async function approvedSomewhere(): Promise<string> {
    const agent = await place.open()
    const proposal = await put(agent.record, sampleProposal())
    await agent.as(ana).approve({ proposal: proposal.id, digest: proposal.digest })
    await agent.close()
    return proposal.id
  }

  test('copied to another state place.directory starts frozen: nothing in it runs, nothing is decided', async () => {
    const id = await approvedSomewhere()
    await cp(place.directory, join(place.folder, 'copy'), { recursive: true })
    const copy = await place.open(join(place.folder, 'copy'))
    expect(await copy.as(ana).status()).toMatchObject({ frozen: 'it was copied here, or put back from a backup' })
    const frozen = { code: 'JANUS_AGENT_FROZEN' }
    await expect(copy.consume(id, EXECUTOR)).rejects.toMatchObject(frozen)
    await expect(copy.as(ana).propose({ draft: {} })).rejects.toMatchObject(frozen)
    await expect(copy.as(ana).reject({ proposal: id, reason: 'x', withdraw: true })).rejects.toMatchObject(frozen)
    expect(await copy.as(ana).show({ proposal: id })).toMatchObject({ status: 'approved' })
    await copy.close()
    const original = await place.open()
    expect(original.frozen).toBeUndefined()
    expect(await original.consume(id, EXECUTOR)).toMatchObject({ proposalId: id })
  })

  test('an older backup that was put back starts frozen, by the mark beside it', async () => {
    const id = await approvedSomewhere()
    await cp(place.directory, join(place.folder, 'backup'), { recursive: true })
    const agent = await place.open()
    await agent.consume(id, EXECUTOR)
    await agent.close()
    // The very same files, as a snapshot of the file system would bring them back.
    const name = await place.ledgerFile()
    await writeFile(join(place.directory, name), await readFile(join(place.folder, 'backup', name)))
    const restored = await place.open()
    expect(restored.frozen).toMatch(/^it ends with event \d+, and .*\.mark knows of event \d+$/)
    await expect(restored.consume(id, EXECUTOR)).rejects.toMatchObject({ code: 'JANUS_AGENT_FROZEN' })
  })

  test('is thawed by its owner: what was approved is void, and it goes on from there', async () => {
    const id = await approvedSomewhere()
    await cp(place.directory, join(place.folder, 'copy'), { recursive: true })
    const copy = await place.open(join(place.folder, 'copy'))
    await expect(copy.as(ana).thaw({ reason: 'please' })).rejects.toMatchObject({
      code: 'JANUS_AGENT_IDENTITY_REFUSED',
    })
    expect(await copy.as(owner).thaw({ reason: 'the machine was replaced' })).toMatchObject({ frozen: null })
    expect(await copy.as(ana).show({ proposal: id })).toMatchObject({ status: 'stale' })
    await expect(copy.as(owner).thaw({ reason: 'again' })).rejects.toMatchObject({
      code: 'JANUS_AGENT_TRANSITION_ILLEGAL',
    })
    const proposal = await put(copy.record, sampleProposal())
    await copy.as(ana).approve({ proposal: proposal.id, digest: proposal.digest })
    expect(await copy.consume(proposal.id, EXECUTOR)).toMatchObject({ proposalId: proposal.id })
    await copy.close()
    expect((await place.open(join(place.folder, 'copy'))).frozen).toBeUndefined()
  })

  test('a place.directory that was renamed is the same one', async () => {
    await approvedSomewhere()
    await rename(place.directory, join(place.folder, 'renamed'))
    expect((await place.open(join(place.folder, 'renamed'))).frozen).toBeUndefined()
  })
})

describe('attack 12: a flood of proposals', () => {
  test('of ten thousand leaves room to decide, and nothing behind when nobody does', async () => {
    const clock = settableClock()
    const agent = await place.open(place.directory, { clock, rules: { ...RULES, autoReject: true } })
    const proposals = await Promise.all(Array.from({ length: 10_000 }, () => put(agent.record, sampleProposal())))
    const chosen = proposals[5000]
    expect(await agent.as(ana).approve({ proposal: chosen?.id ?? '', digest: chosen?.digest ?? '' })).toMatchObject({
      status: 'approved',
    })
    expect(await agent.as(ana).list({ statuses: ['proposed'] })).toHaveLength(50)
    clock.pass(25 * 3600)
    await agent.tick()
    expect(agent.record.state.open.size).toBe(0)
    expect(agent.record.state.ended.size).toBeLessThanOrEqual(1000)
    expect(agent.record.state.warrants.size).toBe(0)
    expect(agent.record.state.counts).toMatchObject({ rejected: 9999, expired: 1 })
  })
})

describe('attack 25: words that look like lines of the record', () => {
  test('whatever a reason, a label or a proposal holds: it comes back as it was, and is one event', async () => {
    const agent = await place.open()
    const text = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }),
      fc.constantFrom('a\nb', '\u2028', '{"seq":1,"type":"proposal-moved"}\n{"seq":2}', '__proto__', '\0', '"}\n'),
    )
    const metadata = fc.dictionary(fc.oneof(text, fc.constant('__proto__')), fc.jsonValue({ maxDepth: 2 }))
    await fc.assert(
      fc.asyncProperty(text, text, text, metadata, async (reason, label, rationale, more) => {
        const { id } = await put(agent.record, sampleProposal({ content: { rationale, metadata: more as JsonRecord } }))
        const before = agent.record.state.lastSeq
        await agent.as(ana).reject({ proposal: id, reason, label })
        const { decisions, proposal } = await agent.as(ana).show({ proposal: id })
        expect(decisions).toMatchObject([{ reason, label }])
        expect(proposal.content.rationale).toBe(rationale)
        expect(JSON.stringify(proposal.content.metadata)).toBe(JSON.stringify(JSON.parse(canonicalJson(more))))
        // Who opened it, the decision and the move.
        expect(agent.record.state.lastSeq - before).toBeLessThanOrEqual(3)
      }),
      { numRuns: 50 },
    )
    const { lastSeq } = agent.record.state
    const lines = (await readFile(join(place.directory, await place.ledgerFile()), 'utf8')).split('\n')
    expect(lines).toHaveLength(lastSeq + 1)
    expect(await agent.as(ana).verifyRecord()).toMatchObject({ intact: true, records: lastSeq })
  })
})

describe('attack 25: words that no line can hold', () => {
  test.each(['\ud800', 'a\udc00b'])('half of a character in %j is refused, and the agent goes on', async (half) => {
    const agent = await place.open()
    const { id, digest } = await put(agent.record, sampleProposal())
    const asked = [
      () => agent.as(ana).reject({ proposal: id, reason: half }),
      () => agent.as(ana).reject({ proposal: id, reason: 'no', label: half }),
      () => agent.as(ana).cancel({ proposal: id, reason: half }),
      () => agent.as(ana).approve({ proposal: half, digest }),
      () => agent.as(ana).approve({ proposal: id, digest: half }),
      () => agent.as(ana).propose({ draft: { [half]: 1 } }),
    ]
    for (const ask of asked)
      await ask().catch((error: { code?: string }) => expect(error.code).toMatch(/^JANUS_AGENT_/))
    const next = await put(agent.record, sampleProposal())
    expect(await agent.as(ana).approve({ proposal: next.id, digest: next.digest })).toMatchObject({
      status: 'approved',
    })
  })
})

describe('attack 10: the agent is told by files what it did not decide', () => {
  test('a line appended to the record by hand is damage, not a decision', async () => {
    const agent = await place.open()
    const proposal = await put(agent.record, sampleProposal())
    await agent.close()
    const path = join(place.directory, await place.ledgerFile())
    const forged = { type: 'proposal-decided', payload: { proposal: proposal.id, decision: { decision: 'approve' } } }
    await chmod(path, 0o600)
    await writeFile(path, `${await readFile(path, 'utf8')}${JSON.stringify(forged)}\n`)
    await expect(place.open()).rejects.toMatchObject({ code: 'JANUS_LEDGER_DAMAGED' })
  })
})
