import { chmod, copyFile, mkdtemp, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canonicalJson, type LedgerRecord, sha256Hex } from '@janus/core/ledger'
import { planDigest } from '@janus/core/schemas'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decideProposal } from '../../src/approval/decide-proposal.js'
import type {
  AgentEvent,
  AgentRecord,
  EnrolledKey,
  GovernanceAction,
  ModuleAction,
  Proposal,
  ToolAction,
  Warrant,
} from '../../src/index.js'
import { consumeWarrant } from '../../src/warrant/consume-warrant.js'
import { sealWarrant, type WarrantTerms } from '../../src/warrant/issue-warrant.js'
import type { ResolveContext } from '../../src/warrant/resolve-action.js'
import { WARRANT_SCHEMA } from '../../src/warrant/warrant-schema.js'
import { ANA, consumeContext, decisionContext, EXECUTOR, put, RESOLVE } from '../support/decision-context.js'
import { memoryRecord } from '../support/memory-record.js'
import { sampleProposal } from '../support/sample-proposal.js'
import { type SettableClock, settableClock } from '../support/settable-clock.js'
import { grammarOf, toolEntry } from '../support/tool-entry.js'
import { fieldsOf } from './warrant-fields.js'

const ANA_KEY: EnrolledKey = { keyId: '0123456789abcdef', name: 'Ana', publicKey: 'x', roles: ['approver'] }
let folder: string
let program: string
let clock: SettableClock

beforeEach(async () => {
  clock = settableClock()
  folder = await mkdtemp(join(tmpdir(), 'janus-warrant-'))
  program = join(folder, 'program')
  await writeFile(program, '#!/bin/sh\necho before\n', { mode: 0o755 })
})

afterEach(() => rm(folder, { recursive: true, force: true }))

/** The world between approval and execution. */
interface World {
  record: AgentRecord
  readonly records: LedgerRecord[]
  proposal: Proposal
  resolve: ResolveContext
  terms: Partial<WarrantTerms>
}

/** Changes one thing about the world. */
type Change = (world: World) => unknown

const tool = (network: readonly string[] = []): ToolAction => ({
  kind: 'tool',
  tool: 'program',
  args: ['a'],
  kwargs: {},
  network,
})
const governance: GovernanceAction = { kind: 'governance', change: { subject: 'mode', from: 'alpha', to: 'beta' } }

const commit =
  (event: AgentEvent): Change =>
  ({ record }) =>
    record.commit(() => ({ events: [event], answer: undefined }))
const resolving =
  (differently: Partial<ResolveContext>): Change =>
  (world) => {
    world.resolve = { ...world.resolve, ...differently }
  }
const entry = () => toolEntry('program', [program], { allow_network: true, grammar: grammarOf('--x=', '-l') })
const configured = (differently: () => object): Change => resolving({ tool: () => ({ ...entry(), ...differently() }) })
const under =
  (terms: Partial<WarrantTerms>): Change =>
  (world) => {
    world.terms = terms
  }
const limit = (dimension: string): Change => resolving({ limits: { ...RESOLVE.limits, [dimension]: 1 } })

/** Rewrites the record behind the agent's back, with hashes that fit again, and starts the agent on it. */
const rewritten =
  (alter: (payload: Record<string, unknown>, type: string) => Record<string, unknown>): Change =>
  async (world) => {
    let prevHash = world.records[0]?.prevHash ?? ''
    for (const [index, { hash: _hash, ...fields }] of [...world.records].entries()) {
      const payload = alter(structuredClone(fields.payload) as Record<string, unknown>, fields.type)
      const altered = { ...fields, payload, prevHash } as Omit<LedgerRecord, 'hash'>
      const hash = sha256Hex(canonicalJson(altered))
      world.records[index] = { ...altered, hash }
      prevHash = hash
    }
    world.record = await memoryRecord(clock, world.records)
  }
const inWarrant = (differently: Partial<Record<keyof Warrant, unknown>>, { sealed = false } = {}): Change =>
  rewritten((payload, type) => {
    if (type !== 'warrant-issued') return payload
    const { digest, ...fields } = { ...(payload.warrant as Warrant), ...differently } as Warrant
    return { warrant: sealed ? sealWarrant(fields) : { ...fields, digest } }
  })
const inProposal = (alter: (proposal: Proposal) => Proposal): Change =>
  rewritten((payload, type) =>
    type === 'proposal-created' ? { ...payload, proposal: alter(payload.proposal as Proposal) } : payload,
  )

const binaryChanges: Readonly<Record<string, Change>> = {
  path: async () => {
    await copyFile(program, join(folder, 'other'))
    await rm(program)
    await (await import('node:fs/promises')).symlink('other', program)
  },
  // Nobody can give a file another device or size alone: what is on the record is altered instead, and sealed again.
  device: inResolved('device', 1),
  inode: async () => {
    const { atime, mtime } = await stat(program)
    await copyFile(program, `${program}.new`)
    await utimes(`${program}.new`, atime, mtime)
    await rename(`${program}.new`, program)
  },
  size: inResolved('size', 1),
  modified: () => utimes(program, new Date(0), new Date(0)),
  sha256: async () => {
    const { atime, mtime } = await stat(program)
    await writeFile(program, '#!/bin/sh\necho after!\n')
    await utimes(program, atime, mtime)
  },
}

function inResolved(field: string, value: unknown): Change {
  return rewritten((payload, type) => {
    if (type !== 'warrant-issued') return payload
    const { digest: _digest, ...warrant } = payload.warrant as Warrant
    const altered = (action: Warrant['rollback']) =>
      action?.kind === 'tool' ? { ...action, binary: { ...action.binary, [field]: value } } : action
    const action = altered(warrant.action) as Warrant['action']
    return { warrant: sealWarrant({ ...warrant, action, rollback: altered(warrant.rollback) }) }
  })
}

function toolChanges(prefix: string): Readonly<Record<string, Change>> {
  return {
    [`${prefix}(tool).kind`]: retarget(prefix, plan()),
    [`${prefix}(tool).tool`]: configured(() => ({ name: 'renamed' })),
    ...Object.fromEntries(
      Object.entries(binaryChanges).map(([name, change]) => [`${prefix}(tool).binary.${name}`, change]),
    ),
    [`${prefix}(tool).argv`]: configured(() => ({ command: [program, '--first'] })),
    [`${prefix}(tool).manifest`]: configured(() => ({ description: 'another entry in the configuration' })),
    [`${prefix}(tool).workspace`]: (world) => {
      const { resolve } = world
      world.resolve = { ...resolve, tool: resolve.tool }
      return retarget(prefix, tool(), { workspace: 'exec-janus-000000000000' })(world)
    },
    [`${prefix}(tool).environment`]: resolving({ preservedEnvironment: ['PATH', 'LANG', 'LD_PRELOAD'] }),
    ...Object.fromEntries(
      Object.keys(RESOLVE.limits).map((dimension) => [`${prefix}(tool).limits.${dimension}`, limit(dimension)]),
    ),
    [`${prefix}(tool).network`]: retarget(prefix, tool(['example.org'])),
  }
}

/** Another action than the one that was approved stands in the proposal, under its id and digest. */
function retarget(prefix: string, action: Proposal['content']['action'], inWarrantToo?: object): Change {
  if (inWarrantToo !== undefined) {
    return rewritten((payload, type) => {
      if (type !== 'warrant-issued') return payload
      const { digest: _digest, ...warrant } = payload.warrant as Warrant
      const altered = { ...warrant, [prefix]: { ...(warrant[prefix as 'action'] as object), ...inWarrantToo } }
      return { warrant: sealWarrant(altered as Omit<Warrant, 'digest'>) }
    })
  }
  return inProposal((proposal) => ({ ...proposal, content: { ...proposal.content, [prefix]: action } }))
}

function plan(module = 'gpu-vfio', accept: readonly string[] = []): ModuleAction {
  const content = {
    schema: 'janus.plan/1' as const,
    root: '/',
    module: { id: module, version: '0.1.0' },
    options: {},
    facts: [],
    changes: [],
  }
  const made = { by: 'test', at: '2026-03-01T12:00:00.000Z', host: 'test' }
  return { kind: 'module', plan: { ...content, digest: planDigest(content), made }, accept }
}

function otherKinds(prefix: string): Readonly<Record<string, Change>> {
  return {
    [`${prefix}(module).kind`]: retarget(prefix, tool()),
    [`${prefix}(module).planDigest`]: retarget(prefix, plan('another-module')),
    [`${prefix}(module).accept`]: retarget(prefix, plan('gpu-vfio', ['network-addresses'])),
    [`${prefix}(governance).kind`]: retarget(prefix, tool()),
    [`${prefix}(governance).changeDigest`]: retarget(prefix, {
      kind: 'governance',
      change: { subject: 'mode', from: 'alpha', to: 'omega' },
    }),
    [`${prefix}(governance).effectiveFrom`]: resolving({ effectiveFrom: () => '2026-03-01T12:00:00.000Z' }),
  }
}

/** For each field of the warrant what changes it between approval and execution. */
const CHANGES: Readonly<Record<string, Change>> = {
  schema: inWarrant({ schema: 'janus.warrant/2' }, { sealed: true }),
  nonce: rewritten((payload, type) => {
    const nonce = 'e'.repeat(64)
    return type === 'warrant-issued' ? { warrant: { ...(payload.warrant as Warrant), nonce } } : payload
  }),
  vesselId: under({ vesselId: 'janus-in-another' }),
  recordId: rewritten((payload, type) =>
    type === 'record-created' ? { ...payload, recordId: 'f'.repeat(32) } : payload,
  ),
  proposalId: inWarrant({ proposalId: 'janus-000000000000' }, { sealed: true }),
  proposalDigest: inProposal((proposal) => ({
    ...proposal,
    content: { ...proposal.content, rationale: 'Something else entirely' },
  })),
  ...toolChanges('action'),
  ...otherKinds('action'),
  ...toolChanges('rollback'),
  ...otherKinds('rollback'),
  policy: commit({
    type: 'policy-adopted',
    payload: { policy: { schema: 'janus.policy/1', name: 'new', rules: [] }, digest: 'd'.repeat(64), by: ANA },
  }),
  playbook: commit({ type: 'playbook-revoked', payload: { playbookId: 'maintenance-001', by: ANA, because: 'wrong' } }),
  config: commit({ type: 'settings-adopted', payload: { set: { 'security.allowed_tools': ['list'] }, by: ANA } }),
  sandboxProfile: commit({ type: 'sandbox-profile-adopted', payload: { digest: 'c'.repeat(64), by: ANA } }),
  mode: commit({
    type: 'mode-changed',
    payload: { from: 'alpha', to: 'beta', by: ANA, because: 'promotion', evidence: null },
  }),
  approvers: commit({ type: 'key-revoked', payload: { keyId: ANA_KEY.keyId, by: ANA, because: 'lost' } }),
  notBefore: () => clock.set('2026-03-01T11:59:59.000Z'),
  expires: inWarrant({ expires: '2027-03-01T12:00:00.000Z' }),
  bootId: inWarrant({ bootId: 'boot-2' }),
  monotonic: inWarrant({ monotonic: 1 }),
  attempts: inWarrant({ attempts: 2 }),
  digest: inWarrant({ digest: '0'.repeat(64) }),
}

async function approvedWorld(field: string): Promise<World> {
  const records: LedgerRecord[] = []
  const record = await memoryRecord(clock, records)
  const [, prefix = 'action', kind = 'tool'] = /^(\w+)\((\w+)\)/.exec(field) ?? []
  const wanted = kind === 'module' ? plan() : kind === 'governance' ? governance : tool()
  const action = prefix === 'action' ? wanted : tool()
  const rollback = prefix === 'rollback' ? (wanted as ToolAction) : null
  const proposal = sampleProposal({ action, content: { rollback, metadata: { playbook_id: 'maintenance-001' } } })
  const playbook = {
    schema: 'janus.playbook/1' as const,
    playbookId: 'maintenance-001',
    name: 'Logs',
    description: '',
    triggerConditions: {},
    actionSequence: [],
  }
  await record.commit(() => ({
    events: [
      { type: 'key-enrolled', payload: { key: ANA_KEY, by: ANA } },
      {
        type: 'playbook-approved',
        payload: { approved: { playbook, digest: 'a'.repeat(64), signatures: [], approvedAt: '' }, by: ANA },
      },
    ],
    answer: undefined,
  }))
  await put(record, proposal)
  const world: World = { record, records, proposal, resolve: { ...RESOLVE, tool: entry }, terms: {} }
  const context = decisionContext(record, world)
  // The signature is the subject of another test: the decision is put on the record as that of the key.
  const by = { kind: 'key', keyId: ANA_KEY.keyId, name: 'Ana' } as const
  await decideProposal(record, { proposal: proposal.id, decision: 'approve', by, digest: proposal.digest }, context)
  return world
}

const execute = ({ record, proposal, resolve, terms }: World) =>
  consumeWarrant(record, { proposal: proposal.id, by: EXECUTOR }, consumeContext({ resolve, terms }))

describe('attack 7: something is changed between approval and execution', () => {
  const fields = fieldsOf(WARRANT_SCHEMA)

  test('every field of the warrant has a test, and every test a field', () => {
    expect(Object.keys(CHANGES).sort()).toEqual([...fields].sort())
  })

  test.each(fields)('%s: the proposal goes stale and nothing may run', async (field) => {
    const world = await approvedWorld(field)
    await CHANGES[field]?.(world)
    const refusal = (await execute(world).catch((error: unknown) => error)) as {
      code: string
      data: { fields: string[] }
    }
    expect(refusal.code).toBe('JANUS_AGENT_STALE')
    const name = field.replace(/\(\w+\)/, '')
    expect(refusal.data.fields).toContain(COVERED[name] ?? name)
    const { id } = world.proposal
    expect(world.record.state.ended.get(id)).toMatchObject({ status: 'stale', reason: { code: 'JANUS_AGENT_STALE' } })
    expect(world.record.state.consumed.size).toBe(0)
    await expect(execute(world)).rejects.toMatchObject({ code: 'JANUS_AGENT_ALREADY_DECIDED' })
  })

  test('what did not change runs', async () => {
    const world = await approvedWorld('action')
    clock.pass(3600)
    expect(await execute(world)).toMatchObject({ proposalId: world.proposal.id })
    expect(world.record.state.open.get(world.proposal.id)?.status).toBe('executing')
  })

  test('a program that is gone, or not executable any more, makes it stale too', async () => {
    const gone = await approvedWorld('action')
    await rm(program)
    await expect(execute(gone)).rejects.toMatchObject({ code: 'JANUS_AGENT_STALE', data: { fields: ['action'] } })
    await writeFile(program, 'x', { mode: 0o755 })
    const disabled = await approvedWorld('action')
    await chmod(program, 0o644)
    await expect(execute(disabled)).rejects.toMatchObject({ code: 'JANUS_AGENT_STALE' })
  })
})

/** What has no counterpart outside the warrant is covered by its digest. */
const COVERED: Readonly<Record<string, string>> = {
  nonce: 'digest',
  expires: 'digest',
  bootId: 'digest',
  monotonic: 'digest',
}
