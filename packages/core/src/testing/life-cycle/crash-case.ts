import assert from 'node:assert/strict'
import type { JanusModule } from '../../contract/module.js'
import type { Plan } from '../../contract/plan.js'
import type { ConformanceCase } from '../conformance/conformance-case.js'
import type { KernelSnapshot } from '../kernel-model/index.js'
import { createLifeCycleMachine, type LifeCycleMachine } from './life-cycle-machine.js'
import type { LifeCycleFixture } from './life-cycle-suite.js'

/** What the process is killed in. */
export type CrashPhase = 'apply' | 'rollback' | 'recover'

const WORDS = { apply: 'an apply', rollback: 'a rollback', recover: 'a recovery' } as const
/** More orders than any plan may have: an end for an enumeration that would not find one. */
const MOST_ORDERS = 2_000

/** Kills the process before and after each order of a phase; each time `recover` must end in before or planned. */
export function crashCase(module: JanusModule, fixture: LifeCycleFixture, phase: CrashPhase): ConformanceCase {
  return {
    id: `crash-in-${phase}`,
    title: `ends in before or planned, wherever ${WORDS[phase]} is killed (${fixture.title})`,
    async run() {
      const states = await endStates(module, fixture)
      for (const moment of ['before', 'after'] as const) {
        let order = 1
        while ((await crashAt(module, fixture, phase, { order, moment }, states)) === 'died') {
          order += 1
          assert.ok(order < MOST_ORDERS, 'the enumeration must come to an end')
        }
        assert.notEqual(order, 1, `${WORDS[phase]} must give orders to be killed at`)
      }
    },
  }
}

interface EndStates {
  readonly before: KernelSnapshot
  readonly planned: KernelSnapshot
  /** Every machine of the fixture begins the same, so that one plan fits them all. */
  readonly plan: Plan
  /** Orders of an apply. */
  readonly orders: number
}

interface CrashPoint {
  readonly order: number
  readonly moment: 'before' | 'after'
}

async function endStates(module: JanusModule, fixture: LifeCycleFixture): Promise<EndStates> {
  return onMachine(module, fixture, async (machine) => {
    const before = machine.model.snapshot()
    const plan = await machine.plan()
    await machine.apply(plan)
    return { before, planned: machine.model.snapshot(), plan, orders: machine.model.orders.length }
  })
}

async function crashAt(
  module: JanusModule,
  fixture: LifeCycleFixture,
  phase: CrashPhase,
  { order, moment }: CrashPoint,
  { before, planned, plan, orders }: EndStates,
): Promise<'died' | 'survived'> {
  return onMachine(module, fixture, async (machine) => {
    const work = await reach(machine, phase, plan, orders)
    const ending = await machine.crashIn(work, order, moment)
    if (ending === 'survived') return ending
    const { complete } = await machine.recover()
    const point = `killed ${moment} order ${order} of ${WORDS[phase]}`
    assert.ok(complete, `${point}: recover must be complete`)
    const state = machine.model.snapshot()
    if (!isSame(state, planned)) assert.deepEqual(state, before, `${point}: neither before nor planned`)
    assert.deepEqual(await machine.recover(), { transactions: [], blocked: [], complete: true }, `${point}: left open`)
    return ending
  })
}

/** Brings the machine where the phase begins. A recovery has most to do when all but the last record of an apply was written. */
async function reach(
  machine: LifeCycleMachine,
  phase: CrashPhase,
  plan: Plan,
  orders: number,
): Promise<() => Promise<unknown>> {
  if (phase === 'apply') return () => machine.apply(plan)
  if (phase === 'recover') {
    await machine.crashIn(() => machine.apply(plan), orders, 'after')
    return () => machine.recover()
  }
  await machine.apply(plan)
  return () => machine.rollback()
}

function isSame(left: KernelSnapshot, right: KernelSnapshot): boolean {
  try {
    assert.deepEqual(left, right)
    return true
  } catch {
    return false
  }
}

async function onMachine<Result>(
  module: JanusModule,
  fixture: LifeCycleFixture,
  work: (machine: LifeCycleMachine) => Promise<Result>,
): Promise<Result> {
  const machine = await createLifeCycleMachine(module, fixture)
  try {
    return await work(machine)
  } finally {
    await machine.close()
  }
}
