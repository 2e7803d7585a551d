import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Change, Plan } from '@janus/core'
import { createKernelModel, type KernelModel, type KernelSpec } from '@janus/core/testing'
import { createPlan } from '../../src/plan/create-plan.js'
import { createTransactions, type Transactions } from '../../src/transaction/transactions.js'

const DEADLINES = { order: 50, verify: 20, read: 20, hands: 20 }

/** A kernel model with a real journal in a real folder, and the process that works on them. */
export interface ModelBench {
  readonly model: KernelModel
  readonly stateDirectory: string
  /** The transactions of the process that lives now. */
  readonly transactions: Transactions
  plan(changes: readonly Change[]): Promise<Plan>
  /** Runs work until the process under test dies or the work ends. */
  untilDeath(work: () => Promise<unknown>, crash: Promise<void>): Promise<'died' | 'ended'>
  close(): void
}

export function createModelBench(spec: KernelSpec): ModelBench {
  const model = createKernelModel(spec)
  const folders = [mkdtempSync(join(tmpdir(), 'janus-bench-'))]
  const stateDirectory = (): string => join(folders.at(-1) ?? '', 'state')
  const start = (): Transactions =>
    createTransactions({
      machine: model.machine,
      stateDirectory: stateDirectory(),
      deadlines: DEADLINES,
      actor: { uid: process.getuid?.() ?? 0, user: 'test', argv: [] },
      janusVersion: '0.0.0',
      process: { pid: 1, startTime: '0' },
      emit: () => {},
    })
  let transactions = start()
  return {
    model,
    get stateDirectory() {
      return stateDirectory()
    },
    get transactions() {
      return transactions
    },
    plan: (changes) =>
      createPlan({
        host: model.host,
        module: { id: 'test', version: '0.0.0' },
        options: {},
        changes,
        by: 'test',
        now: new Date(0),
        owner: { uid: 0, gid: 0 },
      }),
    async untilDeath(work, crash) {
      const ending = await Promise.race([
        work().then(
          () => 'ended' as const,
          () => 'ended' as const,
        ),
        crash.then(() => 'died' as const),
      ])
      if (ending === 'died') {
        // The dead process still holds its lock in this one; its successor works on what the disk kept.
        const before = stateDirectory()
        folders.push(mkdtempSync(join(tmpdir(), 'janus-bench-')))
        cpSync(before, stateDirectory(), { recursive: true })
        transactions = start()
      }
      return ending
    },
    close() {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true })
    },
  }
}
