import { access, constants, cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JanusModule } from '../../contract/module.js'
import type { Plan } from '../../contract/plan.js'
import { createPlan } from '../../plan/create-plan.js'
import { createTransactions, type Transactions } from '../../transaction/transactions.js'
import { callApply } from '../conformance/module-call.js'
import type { KernelModel } from '../kernel-model/index.js'
import type { LifeCycleFixture } from './life-cycle-suite.js'

/** shm_overview(7). */
const MEMORY = '/dev/shm'
const DEADLINES = { order: 1_000, verify: 1_000, read: 1_000, hands: 1_000 }

/** A machine in memory with a journal on the disk, and the process that works on it; after a crash, its successor. */
export interface LifeCycleMachine {
  readonly model: KernelModel
  plan(): Promise<Plan>
  apply(plan: Plan): Promise<unknown>
  rollback(): Promise<unknown>
  recover(): Promise<{ readonly complete: boolean }>
  /** Runs work with a crash around its n-th order, counted from 1. `survived`: the work has fewer orders. */
  crashIn(work: () => Promise<unknown>, order: number, moment: 'before' | 'after'): Promise<'died' | 'survived'>
  close(): Promise<void>
}

/** Makes the machine of a fixture, as nobody touched it. */
export async function createLifeCycleMachine(
  module: JanusModule,
  fixture: LifeCycleFixture,
): Promise<LifeCycleMachine> {
  const model = fixture.kernel()
  const folders: string[] = []
  const { id, version } = module.metadata

  async function enterFolder(): Promise<Transactions> {
    const previous = folders.at(-1)
    const folder = await mkdtemp(join(await memoryFolder(), 'janus-life-cycle-'))
    folders.push(folder)
    // The dead process still holds its lock in this one: its successor works on what the disk kept.
    if (previous !== undefined) await cp(previous, folder, { recursive: true })
    return createTransactions({
      machine: model.machine,
      stateDirectory: join(folder, 'state'),
      deadlines: DEADLINES,
      actor: { uid: process.getuid?.() ?? 0, user: 'life-cycle', argv: [] },
      janusVersion: '0.0.0',
      process: { pid: process.pid, startTime: '0' },
      emit: () => {},
    })
  }

  let transactions = await enterFolder()
  return {
    model,
    async plan() {
      const { host, query } = model
      const called = await callApply(module, { host, query: fixture.query ?? query, options: fixture.options })
      const made = { by: 'life-cycle', now: new Date(0), owner: { uid: 0, gid: 0 } }
      return createPlan({ host, module: { id, version }, options: {}, changes: called.value, ...made })
    },
    apply: (plan) => transactions.apply(plan, { accept: fixture.accept ?? [] }),
    rollback: () => transactions.rollback(),
    recover: () => transactions.recover(),
    async crashIn(work, order, moment) {
      const died = model.crashAfter(order, moment).then(() => 'died' as const)
      const ending = await Promise.race([work().then(() => 'survived' as const), died])
      if (ending === 'died') transactions = await enterFolder()
      return ending
    },
    async close() {
      for (const folder of folders) await rm(folder, { recursive: true, force: true })
    },
  }
}

/** An enumeration waits for the disk thousands of times: memory will do, since it is processes that die here and not machines. */
async function memoryFolder(): Promise<string> {
  return access(MEMORY, constants.W_OK).then(
    () => MEMORY,
    () => tmpdir(),
  )
}
