import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Actor, Proposal, ProposalStatus } from '../src/index.js'
import type { LocalAgent } from '../src/local/local-agent.js'
import { ENDS, isTransition } from '../src/proposal/transition-table.js'
import { ANA, BEN, EXECUTOR, force, put, RULES } from './support/decision-context.js'
import { localAgent } from './support/local-agent.js'
import { sampleProposal } from './support/sample-proposal.js'
import { type SettableClock, settableClock } from './support/settable-clock.js'

const HOUR = 3600

/** What the reference model knows of a proposal: no more than a person with a sheet of paper would note. */
interface Sheet {
  status: ProposalStatus
  proposedAt: number
  approvedAt: number
  timedOut: boolean
}

interface Model {
  readonly sheets: Sheet[]
  hours: number
}

interface Real {
  agent: LocalAgent
  readonly clock: SettableClock
  readonly directory: string
  readonly proposals: Proposal[]
}

type Step = fc.AsyncCommand<Model, Real>

const rules = { ...RULES, timeoutSeconds: 24 * HOUR, warrantSeconds: 12 * HOUR }
const reopen = async (real: Real): Promise<void> => {
  real.agent = await localAgent(real.directory, { clock: real.clock, rules })
}

/** The proposal that a number means, if there is any. */
const pick = <Item>(items: readonly Item[], index: number): Item | undefined => items[index % Math.max(1, items.length)]

async function statusOf({ agent, proposals }: Real, index: number): Promise<ProposalStatus> {
  return (await agent.as({ actor: ANA, owner: false }).show({ proposal: pick(proposals, index)?.id ?? '' })).status
}

/** Whether it was done, or refused with a code of ours. */
async function done(work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    expect((error as { code?: string }).code).toMatch(/^JANUS_AGENT_/)
    return false
  }
}

function step(
  name: string,
  index: number,
  run: (sheet: Sheet, model: Model, real: Real, proposal: Proposal) => Promise<void>,
): Step {
  return {
    check: ({ sheets }) => sheets.length > 0,
    run: async (model, real) => {
      const sheet = pick(model.sheets, index)
      const proposal = pick(real.proposals, index)
      if (sheet === undefined || proposal === undefined) throw new Error('there is one')
      await run(sheet, model, real, proposal)
      expect(await statusOf(real, index)).toBe(sheet.status)
    },
    toString: () => `${name} ${index}`,
  }
}

const propose = (): Step => ({
  check: () => true,
  run: async (model, real) => {
    real.proposals.push(await put(real.agent.record, sampleProposal()))
    model.sheets.push({ status: 'proposed', proposedAt: model.hours, approvedAt: 0, timedOut: false })
  },
  toString: () => 'propose',
})

const mayApprove = ({ status, proposedAt, timedOut }: Sheet, hours: number, allowStale: boolean): boolean =>
  status === 'proposed' && (allowStale || (!timedOut && hours - proposedAt < 24))

const approved = (sheet: Sheet, hours: number): void => {
  sheet.status = 'approved'
  sheet.approvedAt = hours
}

const decisionOf = (real: Real, proposal: Proposal, by: Actor, how: 'approve' | 'reject', allowStale = false) => {
  const agent = real.agent.as({ actor: by, owner: false })
  const { id, digest } = proposal
  return how === 'approve'
    ? agent.approve({ proposal: id, digest, allowStale })
    : agent.reject({ proposal: id, reason: 'no' })
}

const approve = (index: number, allowStale: boolean): Step =>
  step('approve', index, async (sheet, model, real, proposal) => {
    const expected = mayApprove(sheet, model.hours, allowStale)
    expect(await done(decisionOf(real, proposal, ANA, 'approve', allowStale))).toBe(expected)
    if (expected) approved(sheet, model.hours)
  })

const reject = (index: number, withdraw: boolean): Step =>
  step('reject', index, async (sheet, _model, real, { id }) => {
    const expected = ['proposed', 'suspended', ...(withdraw ? ['approved'] : [])].includes(sheet.status)
    const rejecting = real.agent.as({ actor: BEN, owner: false }).reject({ proposal: id, reason: 'no', withdraw })
    expect(await done(rejecting)).toBe(expected)
    if (expected) sheet.status = 'rejected'
  })

const race = (index: number, first: 'approve' | 'reject', second: 'approve' | 'reject'): Step =>
  step('race', index, async (sheet, model, real, proposal) => {
    const open = sheet.status === 'proposed' || sheet.status === 'suspended'
    const outcomes = await Promise.all([
      done(decisionOf(real, proposal, ANA, first)),
      done(decisionOf(real, proposal, BEN, second)),
    ])
    const possible = [first, second].filter((how) => (how === 'approve' ? mayApprove(sheet, model.hours, false) : open))
    expect(outcomes.filter(Boolean)).toHaveLength(Math.min(1, possible.length))
    const winner = outcomes[0] ? first : outcomes[1] ? second : undefined
    if (winner === 'approve') approved(sheet, model.hours)
    else if (winner === 'reject') sheet.status = 'rejected'
  })

const execute = (index: number): Step =>
  step('execute', index, async (sheet, model, real, { id }) => {
    const fresh = model.hours - sheet.approvedAt < 12
    const expected = sheet.status === 'approved' && fresh
    expect(await done(real.agent.consume(id, EXECUTOR))).toBe(expected)
    if (expected) sheet.status = 'executing'
    else if (sheet.status === 'approved') sheet.status = 'expired'
  })

const finish = (index: number, to: 'completed' | 'failed'): Step =>
  step('finish', index, async (sheet, _model, real, { id }) => {
    if (sheet.status !== 'executing') return
    await force(real.agent.record, id, to)
    sheet.status = to
  })

const move = (index: number, to: 'cancelled' | 'proposed' | 'completed'): Step =>
  step(`move to ${to}`, index, async (sheet, model, real, { id }) => {
    const agent = real.agent.as({ actor: BEN, owner: false })
    const { status, timedOut } = sheet
    const expected =
      to === 'cancelled'
        ? ['proposed', 'approved', 'suspended'].includes(status)
        : to === 'proposed'
          ? status === 'suspended' || (status === 'proposed' && timedOut)
          : ['executing', 'unknown'].includes(status)
    const request = { proposal: id, reason: 'a test' }
    const moving =
      to === 'cancelled'
        ? agent.cancel(request)
        : to === 'proposed'
          ? agent.resubmit(request)
          : agent.reconcile({ ...request, outcome: to })
    expect(await done(moving)).toBe(expected)
    if (!expected) return
    sheet.status = to
    if (to === 'proposed') Object.assign(sheet, { proposedAt: model.hours, timedOut: false })
  })

const suspend = (index: number): Step =>
  step('suspend', index, async (sheet, _model, real, { id }) => {
    if (!['proposed', 'approved', 'executing'].includes(sheet.status)) return
    await force(real.agent.record, id, 'suspended')
    sheet.status = 'suspended'
  })

const pass = (hours: number): Step => ({
  check: () => true,
  run: async (model, { clock }) => {
    clock.pass(hours * HOUR)
    model.hours += hours
  },
  toString: () => `pass ${hours} h`,
})

const tick = (): Step => ({
  check: () => true,
  run: async (model, { agent }) => {
    await agent.tick()
    for (const sheet of model.sheets) {
      if (sheet.status === 'proposed' && model.hours - sheet.proposedAt >= 24) sheet.timedOut = true
      if (sheet.status === 'approved' && model.hours - sheet.approvedAt >= 12) sheet.status = 'expired'
    }
  },
  toString: () => 'tick',
})

/** The process ends, in good order or by SIGKILL: the kernel closes its files. Another one starts. */
const restart = (crash: boolean): Step => ({
  check: () => true,
  run: async (model, real) => {
    const { agent } = real
    await (crash ? agent.record.close() : agent.close())
    await reopen(real)
    for (const sheet of model.sheets) if (sheet.status === 'executing') sheet.status = 'unknown'
    for (const [index, { status }] of model.sheets.entries()) expect(await statusOf(real, index)).toBe(status)
  },
  toString: () => (crash ? 'crash' : 'restart'),
})

const number = fc.nat({ max: 7 })
const how = fc.constantFrom('approve' as const, 'reject' as const)
const steps = [
  fc.constant(propose()),
  fc.constant(propose()),
  fc.tuple(number, fc.boolean()).map((args) => approve(...args)),
  fc.tuple(number, fc.boolean()).map((args) => approve(...args)),
  fc.tuple(number, fc.boolean()).map((args) => reject(...args)),
  fc.tuple(number, how, how).map((args) => race(...args)),
  number.map(execute),
  number.map(execute),
  fc.tuple(number, fc.constantFrom('completed' as const, 'failed' as const)).map((args) => finish(...args)),
  fc
    .tuple(number, fc.constantFrom('cancelled' as const, 'proposed' as const, 'completed' as const))
    .map((args) => move(...args)),
  number.map(suspend),
  fc.constantFrom(1, 11, 12, 24, 30).map(pass),
  fc.constant(tick()),
  fc.boolean().map(restart),
]

describe('whatever is done in whatever order, crashes included', () => {
  test('every proposal stands where a sheet of paper says, and every move on the record is legal', async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(steps, { maxCommands: 40, size: 'max' }), async (commands) => {
        const folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-model-')))
        const clock = settableClock()
        const real: Real = {
          clock,
          directory: join(folder, 'state'),
          proposals: [],
          agent: await localAgent(join(folder, 'state'), { clock, rules }),
        }
        const model: Model = { sheets: [], hours: 0 }
        try {
          await fc.asyncModelRun(() => ({ model, real }), commands)
          await expectLegalHistory(real, model)
        } finally {
          await real.agent.close()
          await rm(folder, { recursive: true, force: true })
        }
      }),
      { numRuns: 60 },
    )
  })
})

async function expectLegalHistory({ agent }: Real, { sheets }: Model): Promise<void> {
  const standing = new Map<string, ProposalStatus>()
  const consumed = new Set<string>()
  for await (const event of agent.record.history()) {
    if (event.type === 'proposal-created') standing.set(event.payload.proposal.id, event.payload.status)
    if (event.type === 'warrant-consumed') {
      expect(consumed.has(event.payload.nonce)).toBe(false)
      consumed.add(event.payload.nonce)
    }
    if (event.type !== 'proposal-moved') continue
    const { proposal, from, to } = event.payload
    expect([standing.get(proposal), isTransition(from, to)]).toEqual([from, true])
    standing.set(proposal, to)
  }
  expect([...standing.values()]).toEqual(sheets.map(({ status }) => status))
  const open = [...standing].filter(([, status]) => !ENDS.has(status)).map(([id]) => id)
  expect([...agent.record.state.open.keys()].sort()).toEqual(open.sort())
}
