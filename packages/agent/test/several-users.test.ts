import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ProposalRecord } from '../src/index.js'
import type { LocalAgent } from '../src/local/local-agent.js'
import { runDirectory } from '../src/local/run-directory.js'
import { canBeAnybody } from './support/as-user.js'
import { askAsUser, type Said } from './support/ask-as-user.js'
import { put, RULES } from './support/decision-context.js'
import { localAgent } from './support/local-agent.js'
import { sampleProposal } from './support/sample-proposal.js'

const ANA = 4242
const BEN = 4243
const CAL = 4244
const STRANGER = 4245

let folder: string
let run: string
let daemon: LocalAgent

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-users-')))
  await chmod(folder, 0o755)
  const directory = join(folder, 'state')
  const rules = { ...RULES, approvers: new Set([ANA, BEN, CAL]), quorum: { low: 1, medium: 1, high: 2 } }
  daemon = await localAgent(directory, { rules })
  run = runDirectory(directory)
  await daemon.serve({ socketMode: 0o666 })
  // As for the members of a group.
  await chmod(directory, 0o755)
  await chmod(run, 0o755)
})

afterEach(async () => {
  await daemon.close()
  await rm(folder, { recursive: true, force: true })
})

function answerOf<Answer>(said: Said | undefined): Answer {
  if (said?.answer === undefined) throw new Error(JSON.stringify(said))
  return said.answer as Answer
}

const codeOf = (said: Said | undefined) => said?.error?.code

describe.runIf(canBeAnybody)('attack 10: several real users at one daemon', () => {
  test('who proposed does not approve; somebody else does, and is named by the kernel', async () => {
    const [, proposed, listed] = await askAsUser(ANA, run, [
      ['propose', { draft: {} }],
      ['list', {}],
    ])
    const { proposal } = answerOf<ProposalRecord>(proposed)
    expect(proposal.proposer).toEqual({ kind: 'user', uid: ANA, name: String(ANA) })
    expect(listed?.answer).toMatchObject([{ id: proposal.id, status: 'proposed' }])
    const approving = ['approve', { proposal: proposal.id, digest: proposal.digest.slice(0, 8) }] as const
    const [, own] = await askAsUser(ANA, run, [approving])
    expect(codeOf(own)).toBe('JANUS_AGENT_SELF_APPROVAL')
    const [, stranger] = await askAsUser(STRANGER, run, [approving])
    expect(codeOf(stranger)).toBe('JANUS_AGENT_IDENTITY_REFUSED')
    const [, other] = await askAsUser(BEN, run, [approving])
    expect(other?.answer).toMatchObject({ status: 'approved', decision: { by: { kind: 'user', uid: BEN } } })
    const [, late] = await askAsUser(CAL, run, [approving])
    expect(late?.error).toMatchObject({
      code: 'JANUS_AGENT_ALREADY_DECIDED',
      message: expect.stringContaining(`(uid ${BEN}) approved it`),
    })
  })

  test('a quorum is two of them', async () => {
    const { id: proposal, digest } = await put(daemon.record, sampleProposal({ risk: 'high' }))
    const [, first, again] = await askAsUser(ANA, run, [
      ['approve', { proposal, digest }],
      ['approve', { proposal, digest }],
    ])
    expect(first?.answer).toMatchObject({ status: 'proposed', approvals: 1, approvalsNeeded: 2 })
    expect(codeOf(again)).toBe('JANUS_AGENT_ALREADY_DECIDED')
    const [, second] = await askAsUser(BEN, run, [['approve', { proposal, digest }]])
    expect(second?.answer).toMatchObject({ status: 'approved', approvals: 2 })
  })

  test('what only the owner of the record may is refused to everybody else', async () => {
    const key = { keyId: '0123456789abcdef', name: 'Ana', publicKey: 'AAAA', roles: ['approver'] }
    const [, thaw, enrol, revoke] = await askAsUser(ANA, run, [
      ['thaw', { reason: 'x' }],
      ['enrolKey', { key, rationale: 'mine' }],
      ['revokeKey', { keyId: key.keyId, reason: 'x' }],
    ])
    expect([codeOf(thaw), codeOf(enrol), codeOf(revoke)]).toEqual([
      'JANUS_AGENT_TRANSITION_ILLEGAL',
      'JANUS_AGENT_KEY_INVALID',
      'JANUS_AGENT_KEY_INVALID',
    ])
    expect(daemon.record.state.keys.size).toBe(0)
  })

  test('two at the same instant: one decides, the other is told who', async () => {
    for (let race = 0; race < 5; race += 1) {
      const { id: proposal, digest } = await put(daemon.record, sampleProposal())
      const [[, ana], [, ben]] = await Promise.all([
        askAsUser(ANA, run, [['approve', { proposal, digest }]]),
        askAsUser(BEN, run, [['reject', { proposal, reason: 'no' }]]),
      ])
      const [winner, loser] = ana?.answer === undefined ? [BEN, ana] : [ANA, ben]
      expect(loser?.error).toMatchObject({
        code: 'JANUS_AGENT_ALREADY_DECIDED',
        message: expect.stringContaining(`(uid ${winner})`),
      })
    }
  })
})
