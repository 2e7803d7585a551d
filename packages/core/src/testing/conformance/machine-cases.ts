import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JanusModule } from '../../contract/module.js'
import type { Plan } from '../../contract/plan.js'
import { createPlan } from '../../plan/create-plan.js'
import { createTransactions, type Transactions } from '../../transaction/transactions.js'
import type { KernelModel } from '../kernel-model/index.js'
import type { ConformanceCase, ConformanceSubject, ModuleFixture } from './conformance-case.js'
import { callApply } from './module-call.js'

const DEADLINES = { order: 1_000, verify: 1_000, read: 1_000, hands: 1_000 }

/** What must become of a machine when the module's changes are carried out by the real engine, and undone. */
export function machineCases({ module, fixtures }: ConformanceSubject): readonly ConformanceCase[] {
  if (!module.supports.apply) return []
  return fixtures.flatMap((fixture) => {
    const { kernel, title } = fixture
    if (kernel === undefined || !('options' in fixture)) return []
    return [
      {
        id: 'apply-reaches-its-goal',
        title: `what apply asks for can be carried out, and then there is nothing left to do: ${title}`,
        run: () =>
          onMachine(kernel(), async (model, transactions) => {
            await transactions.apply(await planOn(model, module, fixture), { accept: fixture.accept ?? [] })
            assert.deepEqual(
              await changesOn(model, module, fixture),
              [],
              'apply must return [] on a host that already is so',
            )
          }),
      },
      {
        id: 'undo-restores',
        title: `apply and undo leave the machine as it was: ${title}`,
        run: () =>
          onMachine(kernel(), async (model, transactions) => {
            const before = model.snapshot()
            const plan = await planOn(model, module, fixture)
            await transactions.apply(plan, { accept: fixture.accept ?? [] })
            if (plan.changes.length > 0) await transactions.rollback()
            assert.deepEqual(model.snapshot(), before)
          }),
      },
    ]
  })
}

async function onMachine(
  model: KernelModel,
  work: (model: KernelModel, transactions: Transactions) => Promise<void>,
): Promise<void> {
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
    await work(model, transactions)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function planOn(model: KernelModel, module: JanusModule, fixture: ModuleFixture): Promise<Plan> {
  const { id, version } = module.metadata
  const changes = await changesOn(model, module, fixture)
  const made = { by: 'conformance', now: new Date(0), owner: { uid: 0, gid: 0 } }
  return createPlan({ host: model.host, module: { id, version }, options: {}, changes, ...made })
}

async function changesOn(model: KernelModel, module: JanusModule, fixture: ModuleFixture): Promise<readonly unknown[]> {
  const { host, query } = model
  return (await callApply(module, { host, query: fixture.query ?? query, options: fixture.options })).value
}
