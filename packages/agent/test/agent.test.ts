import { createHash } from 'node:crypto'
import { chmod, cp, mkdtemp, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JsonValue } from '@janus/core'
import { canonicalJson } from '@janus/core/ledger'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type LocalAgent, openAgentToRead, openLocalAgent } from '../src/agent.js'
import { type Caller, type KeyRole, keyIdOf, type ProposalRow } from '../src/index.js'
import { openAgent } from '../src/open-agent.js'
import { ANA, BEN, EXECUTOR, enrol, force, put, RESOLVE, RULES, TERMS } from './support/decision-context.js'
import { executor, localAgent, localOptions } from './support/local-agent.js'
import { sampleProposal } from './support/sample-proposal.js'
import { settableClock } from './support/settable-clock.js'

const ana: Caller = { actor: ANA, owner: false }
const owner: Caller = { actor: { kind: 'user', uid: 0, name: 'root' }, owner: true }
type JsonRecord = Readonly<Record<string, JsonValue>>

let folder: string
let directory: string
let opened: LocalAgent[]

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-agent-')))
  directory = join(folder, 'state')
  opened = []
})

afterEach(async () => {
  for (const agent of opened) await agent.close()
  await rm(folder, { recursive: true, force: true })
})

async function open(path = directory, more: Parameters<typeof localOptions>[1] = {}): Promise<LocalAgent> {
  const agent = await localAgent(path, more)
  opened.push(agent)
  return agent
}

describe('an agent', () => {
  test('takes a proposal from draft to execution, and shows each step for ever', async () => {
    const agent = await open()
    const { proposal } = await agent.as({ actor: BEN, owner: false }).propose({ draft: {} })
    const { card, digest, problems } = await reviewOf(agent, proposal.id)
    expect(problems).toEqual([])
    expect(card).toContain(`janus agent approve ${proposal.id} ${proposal.digest.slice(0, 8)}`)
    await agent.as(ana).approve({ proposal: proposal.id, digest })
    await agent.consume(proposal.id, EXECUTOR)
    await force(agent.record, proposal.id, 'completed')
    expect(await agent.as(ana).show({ proposal: proposal.id })).toMatchObject({
      status: 'completed',
      decisions: [{ by: ANA }],
    })
    await agent.close()
    const next = await open()
    expect(await next.as(ana).show({ proposal: proposal.id })).toMatchObject({ status: 'completed' })
    expect(await next.as(ana).list({ statuses: ['completed'] })).toMatchObject([{ id: proposal.id, source: 'list' }])
    expect(await next.as(ana).list({ statuses: ['proposed'] })).toEqual([])
    expect(await next.as(ana).verifyRecord()).toMatchObject({ intact: true, damage: null })
  })

  test('lists the newest first, of one source, so many', async () => {
    const clock = settableClock()
    const agent = await open(directory, { clock })
    const ids: string[] = []
    for (let count = 0; count < 5; count += 1) {
      clock.pass(1)
      const proposal = { ...sampleProposal(), createdAt: clock.now().toISOString() }
      ids.unshift((await put(agent.record, proposal)).id)
    }
    const list = async (request: object) => (await agent.as(ana).list(request)).map(({ id }) => id)
    expect(await list({})).toEqual(ids)
    expect(await list({ limit: 2 })).toEqual(ids.slice(0, 2))
    expect(await list({ source: 'list' })).toEqual(ids)
    expect(await list({ source: 'curl' })).toEqual([])
  })

  test('says in a review what stands in the way, and throws nothing', async () => {
    const agent = await open()
    const gone = await put(
      agent.record,
      sampleProposal({ action: { kind: 'tool', tool: 'gone', args: [], kwargs: {}, network: [] } }),
    )
    const review = await agent.as(ana).review({ proposal: gone.id })
    expect(review).toMatchObject({ action: null, problems: [expect.stringContaining('"gone" is not configured')] })
    expect(review.card).toContain('PROBLEMS')
  })

  test('tells who watches of every move, to the last', async () => {
    const agent = await open()
    const rows: ProposalRow[] = []
    const watching = await agent.as(ana).watch({ source: 'list' }, (row) => rows.push(row))
    const proposal = await put(agent.record, sampleProposal())
    await agent.as(ana).reject({ proposal: proposal.id, reason: 'no' })
    expect(rows.map(({ status }) => status)).toEqual(['proposed', 'rejected'])
    expect(rows.at(-1)).toMatchObject({ id: proposal.id, reason: { text: 'no' } })
    watching.close()
    await watching.ended
    await put(agent.record, sampleProposal())
    expect(rows).toHaveLength(2)
  })

  test('says on the record who opened it and with what, when it changes something and not before', async () => {
    const agent = await open()
    const types = async () => {
      const found: string[] = []
      for await (const { type } of agent.record.history()) found.push(type)
      return found
    }
    await agent.as(ana).list({})
    await agent.as(ana).status()
    expect(await types()).toEqual(['record-created', 'record-anchored'])
    await agent.as(ana).propose({ draft: {} })
    await agent.as(ana).propose({ draft: {} })
    expect(await types()).toEqual([
      'record-created',
      'record-anchored',
      'agent-opened',
      'proposal-created',
      'proposal-created',
    ])
  })

  test('belongs to one vessel: under the name of another nothing is done with it, and it can be read', async () => {
    const agent = await open()
    const { proposal } = await agent.as(ana).propose({ draft: {} })
    await agent.close()
    const other = localOptions(directory, { vesselId: 'another' })
    await expect(openLocalAgent(other)).rejects.toMatchObject({
      code: 'JANUS_AGENT_RECORD_FOREIGN',
      message: expect.stringContaining('is the record of janus-in-balaur, not of another'),
      remedy: expect.stringContaining('vessel_id'),
    })
    expect(await (await openAgentToRead(other, ana)).show({ proposal: proposal.id })).toMatchObject({
      status: 'proposed',
    })
  })

  test('begins with a first citizen who is nothing else, and the record says that nobody reviewed it', async () => {
    const agent = await open()
    const key = { name: 'Ana', ...generated('Ana') }
    const both = { ...key, roles: ['approver', 'first-citizen'] as const }
    await expect(agent.as(owner).enrolKey({ key: both, rationale: 'the first' })).rejects.toMatchObject({
      code: 'JANUS_AGENT_KEY_INVALID',
    })
    const alone = { ...key, roles: ['first-citizen'] as const }
    expect(await agent.as(owner).enrolKey({ key: alone, rationale: 'the first' })).toEqual({ effect: 'immediate' })
    const enrolled: unknown[] = []
    for await (const { type, payload } of agent.record.history()) if (type === 'key-enrolled') enrolled.push(payload)
    expect(enrolled).toEqual([{ key: alone, by: owner.actor, bootstrap: true }])
  })

  test('enrols the first key for its owner at once, and every other after review', async () => {
    const agent = await open()
    const key = (name: string) => ({ name, roles: ['approver'] as const, ...generated(name) })
    await expect(agent.as(ana).enrolKey({ key: key('Ana'), rationale: 'mine' })).resolves.toMatchObject({
      effect: 'proposed',
    })
    expect(await agent.as(owner).enrolKey({ key: key('Ana'), rationale: 'the first' })).toEqual({ effect: 'immediate' })
    expect(await agent.as(owner).enrolKey({ key: key('Ben'), rationale: 'the second' })).toMatchObject({
      effect: 'proposed',
      record: { proposal: { risk: { level: 'high' }, content: { action: { kind: 'governance' } } } },
    })
    const [ours] = await agent.as(ana).listKeys()
    // Without any key nothing would have to be signed any more.
    const request = { keyId: ours?.keyId ?? '', reason: 'lost' }
    expect(await agent.as(ana).revokeKey(request)).toMatchObject({ effect: 'proposed' })
    expect(await agent.as(ana).listKeys()).toHaveLength(1)
    expect(await agent.as(owner).revokeKey(request)).toEqual({ effect: 'immediate' })
    expect(await agent.as(ana).listKeys()).toEqual([])
  })

  test('revokes a key at once where that is stricter, and that of a recommender only after review', async () => {
    const agent = await open()
    const key = (name: string, ...roles: KeyRole[]) => ({ name, roles, ...generated(name) })
    const keys = [key('Ana', 'approver'), key('Ben', 'approver'), key('Cal', 'recommender')] as const
    for (const each of keys) await enrol(agent.record, each)
    const revoke = ({ keyId }: { keyId: string }) => agent.as(ana).revokeKey({ keyId, reason: 'lost' })
    expect(await revoke(keys[0])).toEqual({ effect: 'immediate' })
    expect(await revoke(keys[2])).toMatchObject({ effect: 'proposed' })
    expect((await agent.as(ana).listKeys()).map(({ name }) => name)).toEqual(['Ben', 'Cal'])
  })

  test('honours nothing under rules that were replaced while it looked at what would run', async () => {
    let adopt: (() => void) | undefined
    const options = localOptions(directory, {
      resolving: () => ({
        ...RESOLVE,
        tool: (name) => {
          adopt?.()
          return RESOLVE.tool(name)
        },
      }),
    })
    const agent = await openLocalAgent({
      ...options,
      govern: (state) => {
        const digest = state.policy?.digest ?? 'none'
        return { ...options.govern(state), terms: { ...TERMS, policy: () => digest } }
      },
    })
    opened.push(agent)
    const { id, digest } = await put(agent.record, sampleProposal())
    await agent.as(ana).approve({ proposal: id, digest })
    const policy = { schema: 'janus.policy/1', name: 'nothing', rules: [] } as const
    adopt = () =>
      void agent.record.commit(() => ({
        events: [{ type: 'policy-adopted', payload: { policy, digest: 'another', by: ANA } }],
        answer: undefined,
      }))
    await expect(agent.consume(id, EXECUTOR)).rejects.toMatchObject({
      code: 'JANUS_AGENT_STALE',
      data: { fields: ['policy'] },
    })
  })

  test('keeps every refusal of who may not decide', async () => {
    const agent = await open(directory, { rules: { ...RULES, approvers: new Set([1002]) } })
    const { id, digest } = await put(agent.record, sampleProposal())
    const as = agent.as(ana)
    const refused = { code: 'JANUS_AGENT_IDENTITY_REFUSED' }
    await expect(as.approve({ proposal: id, digest })).rejects.toMatchObject(refused)
    await expect(as.cancel({ proposal: id, reason: 'x' })).rejects.toMatchObject(refused)
    await force(agent.record, id, 'suspended')
    await expect(as.resubmit({ proposal: id, reason: 'x' })).rejects.toMatchObject(refused)
    await expect(as.revokeKey({ keyId: '0'.repeat(16), reason: 'x' })).rejects.toMatchObject(refused)
    const kept: unknown[] = []
    for await (const { type, payload } of agent.record.history()) if (type === 'request-refused') kept.push(payload.by)
    expect(kept).toEqual([ANA, ANA, ANA, ANA])
  })

  test('lets an author take their own proposal back, and nobody who may not decide that of another', async () => {
    const agent = await open(directory, { rules: { ...RULES, approvers: new Set([1002]) } })
    const mine = await put(agent.record, sampleProposal({ proposer: ANA }))
    const other = await put(agent.record, sampleProposal())
    expect(await agent.as(ana).cancel({ proposal: mine.id, reason: 'a mistake' })).toMatchObject({
      status: 'cancelled',
    })
    await expect(agent.as(ana).cancel({ proposal: other.id, reason: 'x' })).rejects.toMatchObject({
      code: 'JANUS_AGENT_IDENTITY_REFUSED',
    })
  })

  test('leaves it to people what an execution did that a crash cut off: attack 14', async () => {
    const clock = settableClock()
    const first = await open(directory, { clock })
    const proposal = await put(first.record, sampleProposal())
    await first.as(ana).approve({ proposal: proposal.id, digest: proposal.digest })
    await first.consume(proposal.id, EXECUTOR)
    // The record is closed without a word, as the kernel does it for a process that was killed.
    await first.record.close()
    const next = await open(directory, { clock })
    expect(await next.as(ana).show({ proposal: proposal.id })).toMatchObject({ status: 'unknown' })
    await expect(next.consume(proposal.id, EXECUTOR)).rejects.toMatchObject({ code: 'JANUS_AGENT_ALREADY_CONSUMED' })
    const reconciled = await next
      .as(ana)
      .reconcile({ proposal: proposal.id, outcome: 'failed', reason: 'nothing was listed' })
    expect(reconciled).toMatchObject({ status: 'failed', reason: { text: 'nothing was listed' } })
  })

  test('notes that the clock was set: attack 18', async () => {
    const clock = settableClock()
    const agent = await open(directory, { clock })
    await agent.tick()
    clock.set('2025-03-01T12:00:00.000Z')
    await agent.tick()
    await agent.tick()
    const steps: number[] = []
    for await (const { type, payload } of agent.record.history())
      if (type === 'clock-stepped') steps.push(payload.seconds)
    expect(steps).toEqual([-365 * 24 * 3600])
  })
})

describe('people are told of a proposal by a script', () => {
  const sent = async (agent: LocalAgent) => {
    const found: unknown[] = []
    for await (const { type, payload } of agent.record.history()) if (type === 'notification-sent') found.push(payload)
    return found
  }

  test('that gets one argument, nothing of our environment, and no more than it needs', async () => {
    const path = join(folder, 'notify.sh')
    await writeFile(path, `#!/bin/sh\nprintf '%s' "$1" > ${folder}/told\nenv > ${folder}/env\n`, { mode: 0o755 })
    process.env.CANARY_SECRET = 'canary-secret-4711'
    const agent = await open(directory, { notification: { path, executor } })
    const { proposal } = await agent.as(ana).propose({ draft: { rationale: `look \u001b[2J ${'x'.repeat(500)}` } })
    await agent.close()
    delete process.env.CANARY_SECRET
    const told = JSON.parse(await readFile(join(folder, 'told'), 'utf8')) as Record<string, string>
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
    expect(await readFile(join(folder, 'env'), 'utf8')).not.toContain('canary')
    const next = await open()
    expect(await sent(next)).toEqual([{ proposal: proposal.id, ok: true, summary: 'ended with 0' }])
  })

  test('that is asked for a flood runs a few at a time, and says of each whether it was told', async () => {
    const path = join(folder, 'notify.sh')
    // Each counts those that run beside it.
    await writeFile(
      path,
      `#!/bin/sh\ntouch ${folder}/run-$$\nls ${folder} | grep -c run- >> ${folder}/counts\nrm ${folder}/run-$$\n`,
      { mode: 0o755 },
    )
    const agent = await open(directory, { notification: { path, executor } })
    const proposals = await Promise.all(Array.from({ length: 150 }, () => put(agent.record, sampleProposal())))
    await expect.poll(async () => (await sent(agent)).length, { timeout: 60_000, interval: 300 }).toBe(150)
    const told = (await sent(agent)) as { proposal: string; ok: boolean }[]
    expect(told.map(({ proposal }) => proposal).sort()).toEqual(proposals.map(({ id }) => id).sort())
    expect(told.filter(({ ok }) => !ok)).toHaveLength(48)
    const counts = (await readFile(join(folder, 'counts'), 'utf8')).trim().split('\n').map(Number)
    expect(counts).toHaveLength(102)
    expect(Math.max(...counts)).toBeLessThanOrEqual(2)
  })

  test.each<readonly [string, string | undefined, string]>([
    ['fails', 'exit 3', 'ended with 3'],
    ['hangs', 'sleep 60', 'ended after 200 ms'],
    ['is not there', undefined, 'was not found'],
  ])('that %s changes nothing, and that is on the record', async (_what, body, summary) => {
    const path = join(folder, 'notify.sh')
    if (body !== undefined) await writeFile(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
    const agent = await open(directory, { notification: { path, executor, timeout: 200 } })
    const { proposal } = await agent.as(ana).propose({ draft: {} })
    expect(
      await agent.as({ actor: BEN, owner: false }).approve({ proposal: proposal.id, digest: proposal.digest }),
    ).toMatchObject({ status: 'approved' })
    await agent.close()
    const next = await open()
    expect(await sent(next)).toEqual([{ proposal: proposal.id, ok: false, summary: expect.stringContaining(summary) }])
  })
})

describe('attack 8: a record from elsewhere', () => {
  async function approvedSomewhere(): Promise<string> {
    const agent = await open()
    const proposal = await put(agent.record, sampleProposal())
    await agent.as(ana).approve({ proposal: proposal.id, digest: proposal.digest })
    await agent.close()
    return proposal.id
  }

  test('copied to another state directory starts frozen: nothing in it runs, nothing is decided', async () => {
    const id = await approvedSomewhere()
    await cp(directory, join(folder, 'copy'), { recursive: true })
    const copy = await open(join(folder, 'copy'))
    expect(await copy.as(ana).status()).toMatchObject({ frozen: 'it was copied here, or put back from a backup' })
    const frozen = { code: 'JANUS_AGENT_FROZEN' }
    await expect(copy.consume(id, EXECUTOR)).rejects.toMatchObject(frozen)
    await expect(copy.as(ana).propose({ draft: {} })).rejects.toMatchObject(frozen)
    await expect(copy.as(ana).reject({ proposal: id, reason: 'x', withdraw: true })).rejects.toMatchObject(frozen)
    expect(await copy.as(ana).show({ proposal: id })).toMatchObject({ status: 'approved' })
    await copy.close()
    const original = await open()
    expect(original.frozen).toBeUndefined()
    expect(await original.consume(id, EXECUTOR)).toMatchObject({ proposalId: id })
  })

  test('an older backup that was put back starts frozen, by the mark beside it', async () => {
    const id = await approvedSomewhere()
    await cp(directory, join(folder, 'backup'), { recursive: true })
    const agent = await open()
    await agent.consume(id, EXECUTOR)
    await agent.close()
    // The very same files, as a snapshot of the file system would bring them back.
    const name = await ledgerFile()
    await writeFile(join(directory, name), await readFile(join(folder, 'backup', name)))
    const restored = await open()
    expect(restored.frozen).toMatch(/^it ends with event \d+, and .*\.mark knows of event \d+$/)
    await expect(restored.consume(id, EXECUTOR)).rejects.toMatchObject({ code: 'JANUS_AGENT_FROZEN' })
  })

  test('is thawed by its owner: what was approved is void, and it goes on from there', async () => {
    const id = await approvedSomewhere()
    await cp(directory, join(folder, 'copy'), { recursive: true })
    const copy = await open(join(folder, 'copy'))
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
    expect((await open(join(folder, 'copy'))).frozen).toBeUndefined()
  })

  test('a directory that was renamed is the same one', async () => {
    await approvedSomewhere()
    await rename(directory, join(folder, 'renamed'))
    expect((await open(join(folder, 'renamed'))).frozen).toBeUndefined()
  })
})

describe('attack 12: a flood of proposals', () => {
  test('of ten thousand leaves room to decide, and nothing behind when nobody does', async () => {
    const clock = settableClock()
    const agent = await open(directory, { clock, rules: { ...RULES, autoReject: true } })
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
    const agent = await open()
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
    const lines = (await readFile(join(directory, await ledgerFile()), 'utf8')).split('\n')
    expect(lines).toHaveLength(lastSeq + 1)
    expect(await agent.as(ana).verifyRecord()).toMatchObject({ intact: true, records: lastSeq })
  })
})

describe('attack 25: words that no line can hold', () => {
  test.each(['\ud800', 'a\udc00b'])('half of a character in %j is refused, and the agent goes on', async (half) => {
    const agent = await open()
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
    const agent = await open()
    const proposal = await put(agent.record, sampleProposal())
    await agent.close()
    const path = join(directory, await ledgerFile())
    const forged = { type: 'proposal-decided', payload: { proposal: proposal.id, decision: { decision: 'approve' } } }
    await chmod(path, 0o600)
    await writeFile(path, `${await readFile(path, 'utf8')}${JSON.stringify(forged)}\n`)
    await expect(open()).rejects.toMatchObject({ code: 'JANUS_LEDGER_DAMAGED' })
  })
})

describe('whoever only looks', () => {
  const look = (path = directory) => openAgentToRead(localOptions(path), ana)

  test('at a record that never was creates nothing', async () => {
    const agent = await look(join(folder, 'never'))
    expect(await agent.list({})).toEqual([])
    expect(await agent.status()).toMatchObject({ recordId: '', lastSeq: 0, frozen: null })
    expect(await readdir(folder)).toEqual([])
  })

  test('sees beside the writer what is there, and changes nothing', async () => {
    const writer = await open()
    const proposal = await put(writer.record, sampleProposal())
    const agent = await look()
    expect(await agent.show({ proposal: proposal.id })).toMatchObject({ status: 'proposed' })
    expect((await agent.review({ proposal: proposal.id })).card).toContain(proposal.id)
    const refused = { code: 'JANUS_AGENT_NOT_PERMITTED' }
    await expect(agent.approve({ proposal: proposal.id, digest: proposal.digest })).rejects.toMatchObject(refused)
    await expect(agent.reject({ proposal: proposal.id, reason: 'x' })).rejects.toMatchObject(refused)
    await expect(agent.propose({ draft: {} })).rejects.toMatchObject(refused)
    await expect(agent.thaw({ reason: 'x' })).rejects.toMatchObject(refused)
    expect(await agent.status()).toMatchObject({ lastSeq: writer.record.state.lastSeq })
    expect(writer.record.state.open.get(proposal.id)).toMatchObject({ status: 'proposed', revision: 1 })
    expect(await look().then((again) => again.status())).toMatchObject({ lastSeq: writer.record.state.lastSeq })
  })

  test('at a copy is told that it is one', async () => {
    const writer = await open()
    await writer.close()
    await cp(directory, join(folder, 'copy'), { recursive: true })
    expect(await (await look(join(folder, 'copy'))).status()).toMatchObject({
      frozen: expect.stringContaining('copied'),
    })
    expect(await (await look()).status()).toMatchObject({ frozen: null })
  })

  test('is connected when there is a daemon, and reads the files when there is none', async () => {
    const options = { stateDirectory: directory, openLocal: () => open(), openToRead: () => look() }
    const quiet = await openAgent(options)
    expect(quiet.via).toBe('record')
    await quiet.close()
    const daemon = await open()
    await daemon.serve()
    const connected = await openAgent(options)
    expect(connected.via).toBe('socket')
    await connected.close()
  })
})

describe('attack 27: two agents on one state directory', () => {
  test('of twelve that start at once one has the record, and who comes later is told which', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 12 }, () => open()))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'JANUS_STATE_LOCKED' })
    }
    // The first may not have written yet who it is while the others ask; whoever comes later is told.
    await expect(open()).rejects.toMatchObject({
      code: 'JANUS_STATE_LOCKED',
      data: { holder: { pid: process.pid, purpose: 'a test' } },
    })
  })
})

describe('whoever opens the agent', () => {
  const reach = () => openAgent({ stateDirectory: directory, openLocal: () => open() })

  test('has the record open when nobody else has', async () => {
    const agent = await reach()
    expect(agent.via).toBe('record')
    expect(await agent.status()).toMatchObject({ process: { pid: process.pid, purpose: 'a test' } })
    await agent.close()
  })

  test('is connected when another process serves it, as the user that the kernel knows', async () => {
    const daemon = await open()
    await daemon.serve()
    const agent = await reach()
    expect(agent.via).toBe('socket')
    const proposal = await put(daemon.record, sampleProposal())
    const { card } = await agent.review({ proposal: proposal.id })
    expect(card).toContain(proposal.id)
    const answer = await agent.approve({ proposal: proposal.id, digest: proposal.digest.slice(0, 8) })
    expect(answer.decision.by).toMatchObject({ kind: 'user', uid: process.getuid?.() })
    await agent.close()
  })

  test('waits for one that has it open for a moment, and says who has it when the moment does not end', async () => {
    const busy = await open()
    await expect(openAgent({ stateDirectory: directory, openLocal: () => open(), patience: 50 })).rejects.toMatchObject(
      { code: 'JANUS_AGENT_BUSY', message: expect.stringContaining('a test') },
    )
    const waiting = reach()
    await busy.close()
    const agent = await waiting
    expect(agent.via).toBe('record')
    await agent.close()
  })
})

async function reviewOf(agent: LocalAgent, proposal: string) {
  const review = await agent.as(ana).review({ proposal })
  return { ...review, digest: review.record.proposal.digest }
}

function generated(name: string): { readonly keyId: string; readonly publicKey: string } {
  const raw = createHash('sha256').update(name).digest()
  return { keyId: keyIdOf(raw), publicKey: raw.toString('base64') }
}

/** The name of the only file of records. */
async function ledgerFile(): Promise<string> {
  const names = (await readdir(join(directory, 'record'))).filter((name) => name.endsWith('.jsonl'))
  expect(names).toHaveLength(1)
  return join('record', names[0] ?? '')
}
