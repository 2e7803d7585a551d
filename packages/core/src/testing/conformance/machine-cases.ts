import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JanusModule } from '../../contract/module.js'
import type { Plan } from '../../contract/plan.js'
import { createPlan } from '../../plan/create-plan.js'
import { createTransactions, type Transactions } from '../../transaction/transactions.js'
import type { KernelModel } from '../kernel-model/index.js'
import { titled } from './clauses.js'
import type { ConformanceCase, ConformanceSubject, ModuleFixture } from './conformance-case.js'
import { callApply, callRollback } from './module-call.js'

const DEADLINES = { order: 1_000, verify: 1_000, read: 1_000, hands: 1_000 }

/** What must become of a machine when the module's changes are carried out by the real engine, and undone. */
export function machineCases({ module, fixtures }: ConformanceSubject): readonly ConformanceCase[] {
  if (!module.supports.apply) return []
  return fixtures.flatMap((fixture) => {
    const { kernel } = fixture
    if (kernel === undefined || !('options' in fixture)) return []
    return [
      ...wayThere(module, fixture, kernel),
      ...(module.supports.rollback === 'planned' ? waysBack(module, fixture, kernel) : []),
    ]
  })
}

function wayThere(module: JanusModule, fixture: ModuleFixture, kernel: () => KernelModel): readonly ConformanceCase[] {
  return [
    {
      ...titled('apply-reaches-its-goal', fixture.title),
      run: () =>
        onMachine(kernel(), async (model, transactions) => {
          await transactions.apply(await planOn(model, module, fixture), { accept: fixture.accept ?? [] })
          const left = await changesOn(model, module, fixture)
          assert.deepEqual(left, [], 'apply must return [] on a host that already is so')
        }),
    },
    {
      ...titled('undo-restores', fixture.title),
      run: () =>
        onMachine(kernel(), async (model, transactions) => {
          const before = model.snapshot()
          await applyAndUndo(model, transactions, module, fixture)
          assert.deepEqual(model.snapshot(), before)
        }),
    },
  ]
}

function waysBack(module: JanusModule, fixture: ModuleFixture, kernel: () => KernelModel): readonly ConformanceCase[] {
  const bothWays: ConformanceCase = {
    ...titled('both-ways-back', fixture.title),
    async run() {
      const byJournal = await onMachine(kernel(), async (model, transactions) => {
        await applyAndUndo(model, transactions, module, fixture)
        return model.snapshot()
      })
      const byModule = await onMachine(kernel(), async (model, transactions) => {
        const accept = fixture.accept ?? []
        await transactions.apply(await planOn(model, module, fixture), { accept })
        await transactions.apply(await planOn(model, module, fixture, callRollback), { accept })
        return model.snapshot()
      })
      assert.deepEqual(byModule, byJournal, 'its rollback must lead to where the undo of the journal leads')
    },
  }
  const withoutApply: ConformanceCase = {
    ...titled('rollback-without-apply', fixture.title),
    async run() {
      const changes = await changesOn(kernel(), module, fixture, callRollback)
      assert.deepEqual(changes, [], 'rollback must return [] where nothing was applied')
    },
  }
  return fixture.leftOvers === true ? [] : [bothWays, withoutApply]
}

async function onMachine<Result>(
  model: KernelModel,
  work: (model: KernelModel, transactions: Transactions) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'janus-conformance-'))
  const transactions = createTransactions({
    machine: model.machine,
    stateDirectory: join(folder, 'state'),
    deadlines: DEADLINES,
    actor: { uid: process.getuid?.() ?? 0, user: 'conformance', argv: [] },
    janusVersion: '0.0.0',
    process: { pid: process.pid, startTime: '0' },
    emit: () => {},
  })
  try {
    return await work(model, transactions)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function applyAndUndo(
  model: KernelModel,
  transactions: Transactions,
  module: JanusModule,
  fixture: ModuleFixture,
): Promise<void> {
  const plan = await planOn(model, module, fixture)
  await transactions.apply(plan, { accept: fixture.accept ?? [] })
  if (plan.changes.length > 0) await transactions.rollback()
}

async function planOn(
  model: KernelModel,
  module: JanusModule,
  fixture: ModuleFixture,
  call: typeof callApply = callApply,
): Promise<Plan> {
  const { id, version } = module.metadata
  const changes = await changesOn(model, module, fixture, call)
  const made = { by: 'conformance', now: new Date(0), owner: { uid: 0, gid: 0 } }
  return createPlan({ host: model.host, module: { id, version }, options: {}, changes, ...made })
}

async function changesOn(
  model: KernelModel,
  module: JanusModule,
  fixture: ModuleFixture,
  call: typeof callApply = callApply,
): Promise<readonly unknown[]> {
  const { host, query } = model
  return (await call(module, { host, query: fixture.query ?? query, options: fixture.options })).value
}
