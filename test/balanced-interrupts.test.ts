import { describe, expect, it } from 'vitest'
import { createLifeCycleMachine } from '../packages/core/src/testing/life-cycle/life-cycle-machine.js'
import { cpuIrqAffinity } from '../packages/modules-cpu/src/index.js'
import {
  type BalancedMachine,
  balancedMachine,
} from '../packages/modules-cpu/test/cpu-irq-affinity/balanced-machine.js'

const list = (number: number) => `/proc/irq/${number}/smp_affinity_list`

describe('interrupts that irqbalance moves, too', () => {
  const machineWith = async (balanced: BalancedMachine) =>
    createLifeCycleMachine(cpuIrqAffinity, {
      title: 'irqbalance runs',
      kernel: () => balanced.model,
      options: { awayFrom: '2-3' },
      proves: [],
    })

  it('are moved although it moved them since the plan, stay where it puts them, and are put back', async () => {
    const balanced = balancedMachine()
    const { model, rebalance, environment } = balanced
    const machine = await machineWith(balanced)
    try {
      const before = model.snapshot()
      const plan = await machine.plan()
      rebalance(2)
      expect(await machine.apply(plan)).toMatchObject({ outcome: 'applied' })
      expect(environment().get('IRQBALANCE_BANNED_CPULIST')).toBe('2-3')
      expect(model.read(list(24))).toEqual({ value: '0-1\n' })
      rebalance(1)
      expect((await machine.plan()).changes).toEqual([])
      expect(await machine.rollback()).toMatchObject([{ outcome: 'undone' }])
      expect(environment().get('IRQBALANCE_BANNED_CPULIST')).toBeUndefined()
      // Those that needed no move are where irqbalance put them: nobody else has touched them.
      model.write(list(10), '0-3')
      model.write(list(26), '0-1')
      expect(model.snapshot()).toEqual(before)
    } finally {
      await machine.close()
    }
  })
})
