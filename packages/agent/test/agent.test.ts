import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type Caller, type KeyRole, keyIdOf, type ProposalRow } from '../src/index.js'
import type { LocalAgent } from '../src/local/local-agent.js'
import { openLocalAgent } from '../src/local/open-local-agent.js'
import { openAgentToRead } from '../src/local/read-local-agent.js'
import { agentFolder, ana } from './support/agent-folder.js'
import { ANA, BEN, EXECUTOR, enrol, force, put, RESOLVE, RULES, TERMS } from './support/decision-context.js'
import { localOptions } from './support/local-agent.js'
import { sampleProposal } from './support/sample-proposal.js'
import { settableClock } from './support/settable-clock.js'

const place = agentFolder()
const owner: Caller = { actor: { kind: 'user', uid: 0, name: 'root' }, owner: true }

describe('an agent', () => {
  test('takes a proposal from draft to execution, and shows each step for ever', async () => {
    const agent = await place.open()
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
    const next = await place.open()
    expect(await next.as(ana).show({ proposal: proposal.id })).toMatchObject({ status: 'completed' })
    expect(await next.as(ana).list({ statuses: ['completed'] })).toMatchObject([{ id: proposal.id, source: 'list' }])
    expect(await next.as(ana).list({ statuses: ['proposed'] })).toEqual([])
    expect(await next.as(ana).verifyRecord()).toMatchObject({ intact: true, damage: null })
  })

  test('lists the newest first, of one source, so many', async () => {
    const clock = settableClock()
    const agent = await place.open(place.directory, { clock })
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
    const agent = await place.open()
    const gone = await put(
      agent.record,
      sampleProposal({ action: { kind: 'tool', tool: 'gone', args: [], kwargs: {}, network: [] } }),
    )
    const review = await agent.as(ana).review({ proposal: gone.id })
    expect(review).toMatchObject({ action: null, problems: [expect.stringContaining('"gone" is not configured')] })
    expect(review.card).toContain('PROBLEMS')
  })

  test('tells who watches of every move, to the last', async () => {
    const agent = await place.open()
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
    const agent = await place.open()
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
    const agent = await place.open()
    const { proposal } = await agent.as(ana).propose({ draft: {} })
    await agent.close()
    const other = localOptions(place.directory, { vesselId: 'another' })
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
    const agent = await place.open()
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
    const agent = await place.open()
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
    const agent = await place.open()
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
    const options = localOptions(place.directory, {
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
    place.closeLater(agent)
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
    const agent = await place.open(place.directory, { rules: { ...RULES, approvers: new Set([1002]) } })
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
    const agent = await place.open(place.directory, { rules: { ...RULES, approvers: new Set([1002]) } })
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
    const first = await place.open(place.directory, { clock })
    const proposal = await put(first.record, sampleProposal())
    await first.as(ana).approve({ proposal: proposal.id, digest: proposal.digest })
    await first.consume(proposal.id, EXECUTOR)
    // The record is closed without a word, as the kernel does it for a process that was killed.
    await first.record.close()
    const next = await place.open(place.directory, { clock })
    expect(await next.as(ana).show({ proposal: proposal.id })).toMatchObject({ status: 'unknown' })
    await expect(next.consume(proposal.id, EXECUTOR)).rejects.toMatchObject({ code: 'JANUS_AGENT_ALREADY_CONSUMED' })
    const reconciled = await next
      .as(ana)
      .reconcile({ proposal: proposal.id, outcome: 'failed', reason: 'nothing was listed' })
    expect(reconciled).toMatchObject({ status: 'failed', reason: { text: 'nothing was listed' } })
  })

  test('notes that the clock was set: attack 18', async () => {
    const clock = settableClock()
    const agent = await place.open(place.directory, { clock })
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

async function reviewOf(agent: LocalAgent, proposal: string) {
  const review = await agent.as(ana).review({ proposal })
  return { ...review, digest: review.record.proposal.digest }
}

function generated(name: string): { readonly keyId: string; readonly publicKey: string } {
  const raw = createHash('sha256').update(name).digest()
  return { keyId: keyIdOf(raw), publicKey: raw.toString('base64') }
}
