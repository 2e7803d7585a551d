import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createExecutor, type LocalAgent, type ProposalStatus, type RunEnd, type RunSandbox } from '../../src/index.js'
import { ANA, EXECUTOR } from '../support/decision-context.js'
import { approved, MANIFEST, noPlans, script } from '../support/executing-agent.js'
import { localAgent } from '../support/local-agent.js'
import { settableClock } from '../support/settable-clock.js'
import { toolEntry } from '../support/tool-entry.js'

/** How a run ends: `hidden` ends in a way that nobody sees. */
type Way = 'works' | 'fails' | 'never starts' | 'hidden'
/** Where the process that executes is cut off; `-` in front: of the rollback. */
type Cut = 'nowhere' | 'consumed' | 'ran' | '-begun' | '-ran' | '-recorded'

const WAYS: readonly Way[] = ['works', 'fails', 'never starts', 'hidden']
const CUTS: readonly Cut[] = ['nowhere', 'nowhere', 'nowhere', 'consumed', 'ran', '-begun', '-ran', '-recorded']

/** What a person with a sheet of paper would note of a proposal. */
interface Sheet {
  status: ProposalStatus
  effects: number
  undone: number
  /** Whether its one rollback was begun. */
  rolledBack: boolean
  readonly undo: Way | undefined
}

interface Model {
  readonly sheets: Sheet[]
  violations: number
}

interface Real {
  agent: LocalAgent
  readonly directory: string
  readonly ids: string[]
  /** By argument: `action 3`, `undo 3`. */
  readonly counts: Map<string, number>
}

type Step = fc.AsyncCommand<Model, Real>
const human = { actor: ANA, owner: false } as const
const find = (name: string) => (name === 'sh' ? toolEntry('sh', ['/usr/bin/true']) : undefined)

const open = (directory: string): Promise<LocalAgent> =>
  localAgent(directory, {
    clock: settableClock(),
    resolving: () => ({
      tool: find,
      preservedEnvironment: [],
      allowedDomains: [],
      limits: { cpuSeconds: 1, wallSeconds: 1, memoryBytes: 1, diskBytes: 1, cpuPercent: 1, processes: 1 },
      effectiveFrom: (_change, at) => at,
    }),
  })

/** Fulfilled when the process would be gone; what waits for it never goes on. */
interface Death {
  readonly died: Promise<'died'>
  die(): Promise<never>
}

function mortal(): Death {
  let tell = (): void => undefined
  const died = new Promise<'died'>((resolve) => {
    tell = () => resolve('died')
  })
  return {
    died,
    die: () => {
      tell()
      return new Promise(() => undefined)
    },
  }
}

/** A sandbox whose runs end as their second word says; the first says what they are. */
function scripted({ counts }: Real, death: Death, cut: Cut): RunSandbox['run'] {
  return async (run) => {
    const [words = ''] = run.argv
    const [what = '', index = '', way = ''] = words.split(' ')
    if (way === 'never-starts') return ended('not-started', undefined)
    run.beforeStart?.()
    run.onStarted?.({ pid: 1, startTime: '1', cgroup: undefined })
    counts.set(`${what} ${index}`, (counts.get(`${what} ${index}`) ?? 0) + 1)
    if (cut === (what === 'action' ? 'ran' : '-ran')) return death.die()
    if (way === 'hidden') throw new Error('nobody saw it')
    return ended('exited', way === 'works' ? 0 : 1)
  }
}

function ended(ending: RunEnd['ending'], exitCode: number | undefined): RunEnd {
  const nothing = { text: '', bytes: 0, sha256: '', truncated: false }
  const end = { ending, exitCode, signal: undefined, summary: ending, stdout: nothing, stderr: nothing, durationMs: 1 }
  return { ...end, cpuMs: undefined, memoryPeakBytes: undefined, enforced: [], network: [], workspace: '' }
}

function executorOf(real: Real, death: Death, cut: Cut) {
  const { agent } = real
  const at = async (point: Cut): Promise<void> => {
    if (cut === point) await death.die()
  }
  return createExecutor({
    agent: {
      ...agent,
      record: agent.record,
      consume: async (...asked) => {
        const warrant = await agent.consume(...asked)
        await at('consumed')
        return warrant
      },
      startRollback: async (...asked) => {
        await agent.startRollback(...asked)
        await at('-begun')
      },
      askRollback: async (...asked) => {
        const past = await agent.askRollback(...asked)
        await at('-begun')
        return past
      },
      endRollback: async (...asked) => {
        await agent.endRollback(...asked)
        await at('-recorded')
      },
    },
    sandbox: { run: scripted(real, death, cut), selfTest: () => Promise.reject(), close: async () => undefined },
    tools: { entry: find, manifest: () => MANIFEST },
    plans: noPlans,
    stopped: () => undefined,
    clock: settableClock(),
  })
}

async function reopen(real: Real): Promise<void> {
  await real.agent.close()
  real.agent = await open(real.directory)
}

/** How the record must have it, after the rollback of a sheet went this way. */
function noteUndo(sheet: Sheet, model: Model, cut: Cut, whole: boolean): 'undone' | 'dirty' | 'unknown' {
  sheet.rolledBack = true
  const starts = sheet.undo !== 'never starts'
  if (cut === '-begun') return 'unknown'
  if (starts) sheet.undone += 1
  if ((cut === '-ran' && starts) || sheet.undo === 'hidden') return 'unknown'
  if (sheet.undo === 'works') return 'undone'
  if (whole || cut !== '-recorded') model.violations += 1
  return 'dirty'
}

const execute = (way: Way, undo: Way | undefined, cut: Cut): Step => ({
  check: () => true,
  run: async (model, real) => {
    const index = real.ids.length
    const words = (what: string, how: Way) => script(`${what} ${index} ${how.replace(' ', '-')}`)
    const rollback = undo === undefined ? {} : { rollback: words('undo', undo) }
    const id = await approved(real.agent, words('action', way), rollback)
    real.ids.push(id)
    const sheet: Sheet = { status: 'completed', effects: 0, undone: 0, rolledBack: false, undo }
    model.sheets.push(sheet)

    const death = mortal()
    const execution = executorOf(real, death, cut).execute(id, EXECUTOR)
    const died = (await Promise.race([execution, death.died])) === 'died'

    const starts = way !== 'never starts' && cut !== 'consumed'
    if (starts) sheet.effects = 1
    if (cut === 'consumed' || (cut === 'ran' && starts) || (way === 'hidden' && starts)) sheet.status = 'unknown'
    else if (way !== 'works') sheet.status = 'failed'
    if (sheet.status === 'failed' && starts && undo !== undefined) {
      // What the record tells of a rollback that ended is believed after a crash too.
      const how = noteUndo(sheet, model, cut, true)
      if (how === 'unknown') sheet.status = 'unknown'
    }
    if (died) await reopen(real)
    await compare(model, real)
  },
  toString: () => `execute what ${way}, undone by what ${undo ?? 'there is not'}, cut off ${cut}`,
})

const ask = (index: number, cut: Cut): Step => ({
  check: ({ sheets }) => sheets.length > 0,
  run: async (model, real) => {
    const place = index % model.sheets.length
    const [sheet, id] = [model.sheets[place], real.ids[place]]
    if (sheet === undefined || id === undefined) throw new Error('there is one')
    const death = mortal()
    const rollback = executorOf(real, death, cut).rollback(id, ANA, 'because')
    const answer = await Promise.race([
      rollback.then(
        () => 'done',
        ({ code }: { code: string }) => code,
      ),
      death.died,
    ])
    if (sheet.rolledBack) expect(answer).toBe('JANUS_AGENT_ALREADY_CONSUMED')
    else if (sheet.undo === undefined) expect(answer).toBe('JANUS_AGENT_NOT_PERMITTED')
    else if (noteUndo(sheet, model, cut, true) === 'undone' && sheet.status === 'unknown') sheet.status = 'failed'
    if (answer === 'died') await reopen(real)
    await compare(model, real)
  },
  toString: () => `ask for the rollback of ${index}, cut off ${cut}`,
})

const again = (index: number): Step => ({
  check: ({ sheets }) => sheets.length > 0,
  run: async (model, real) => {
    const id = real.ids[index % real.ids.length] ?? ''
    const death = mortal()
    await expect(executorOf(real, death, 'nowhere').execute(id, EXECUTOR)).rejects.toMatchObject({
      code: 'JANUS_AGENT_ALREADY_CONSUMED',
    })
    await compare(model, real)
  },
  toString: () => `execute ${index} again`,
})

async function compare({ sheets, violations }: Model, { agent, ids, counts }: Real): Promise<void> {
  for (const [index, sheet] of sheets.entries()) {
    const { status } = await agent.as(human).show({ proposal: ids[index] ?? '' })
    const found = { status, effects: counts.get(`action ${index}`) ?? 0, undone: counts.get(`undo ${index}`) ?? 0 }
    expect(found).toEqual({ status: sheet.status, effects: sheet.effects, undone: sheet.undone })
    expect(found.undone).toBeLessThanOrEqual(1)
  }
  expect(agent.record.state.violations.total).toBe(violations)
  if (violations > 0) expect(agent.record.state.mode.mode).toBe('alpha')
  expect([...agent.record.state.rollbacks.values()].filter(({ outcome }) => outcome === undefined)).toEqual([])
}

test('attack 30: whatever an action and its rollback do, and wherever a crash cuts them off, each has at most one effect, and the record says what is known', async () => {
  const way = fc.constantFrom(...WAYS)
  const cut = fc.constantFrom(...CUTS)
  const commands = [
    fc.tuple(way, fc.option(way, { nil: undefined }), cut).map((asked) => execute(...asked)),
    fc.tuple(fc.nat(9), cut).map((asked) => ask(...asked)),
    fc.nat(9).map(again),
  ]
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 12 }), async (steps) => {
      const directory = await realpath(await mkdtemp(join(tmpdir(), 'janus-rollback-model-')))
      const real: Real = { agent: await open(directory), directory, ids: [], counts: new Map() }
      try {
        await fc.asyncModelRun(() => ({ model: { sheets: [], violations: 0 }, real }), steps)
      } finally {
        await real.agent.close()
        await rm(directory, { recursive: true, force: true })
      }
    }),
    { numRuns: 30 },
  )
}, 300_000)
