import { describe, expect, it } from 'vitest'
import { standardAddresses } from '../packages/core/src/testing/index.js'
import { createLifeCycleMachine } from '../packages/core/src/testing/life-cycle/life-cycle-machine.js'
import { cpuIrqAffinity } from '../packages/modules-cpu/src/index.js'
import {
  type BalancedMachine,
  balancedMachine,
} from '../packages/modules-cpu/test/cpu-irq-affinity/balanced-machine.js'
import { INTERRUPTS } from '../packages/modules-cpu/test/fixture/tuning-machine.js'

const list = (number: number) => `/proc/irq/${number}/smp_affinity_list`

describe('interrupts that irqbalance moves, too', () => {
  const machineWith = async (balanced: BalancedMachine, options: object = { awayFrom: '2-3' }) =>
    createLifeCycleMachine(cpuIrqAffinity, {
      title: 'irqbalance runs',
      kernel: () => balanced.model,
      options,
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

  it('of a device all are held where they are to be, those too that were there when the plan was made', async () => {
    const interrupts = INTERRUPTS.map((one) => ({ ...one, affinity: { 24: '2', 25: '1' }[one.number] ?? one.affinity }))
    const balanced = balancedMachine({}, { interrupts })
    const { model } = balanced
    const machine = await machineWith(balanced, { onto: '1', devices: [standardAddresses.nic] })
    try {
      const plan = await machine.plan()
      model.write(list(25), '3')
      expect(await machine.apply(plan)).toMatchObject({ outcome: 'applied' })
      expect([model.read(list(24)), model.read(list(25))]).toEqual([{ value: '1\n' }, { value: '1\n' }])
      expect((await machine.plan()).changes).toEqual([])
      expect(await machine.rollback()).toMatchObject([{ outcome: 'undone' }])
      expect([model.read(list(24)), model.read(list(25))]).toEqual([{ value: '2\n' }, { value: '1\n' }])
    } finally {
      await machine.close()
    }
  })

  it('of a device that somebody else has moved since are left to them, because irqbalance leaves them alone', async () => {
    const balanced = balancedMachine()
    const { model } = balanced
    const machine = await machineWith(balanced, { onto: '1', devices: [standardAddresses.nic] })
    try {
      expect(await machine.apply(await machine.plan())).toMatchObject({ outcome: 'applied' })
      model.write(list(24), '2')
      expect(await machine.rollback()).toMatchObject([{ outcome: 'incomplete' }])
      expect([model.read(list(24)), model.read(list(25))]).toEqual([{ value: '2\n' }, { value: '3\n' }])
    } finally {
      await machine.close()
    }
  })

  it('are left alone by one that was started before its files said so once it is started again', async () => {
    const balanced = balancedMachine()
    const { model, rebalance, environment } = balanced
    model.put({ '/etc/default/irqbalance': 'IRQBALANCE_BANNED_CPULIST=2-3\n' })
    const machine = await machineWith(balanced)
    try {
      const plan = await machine.plan()
      rebalance(3)
      expect(await machine.apply(plan)).toMatchObject({ outcome: 'applied' })
      expect(environment().get('IRQBALANCE_BANNED_CPULIST')).toBe('2-3')
      rebalance(1)
      expect((await machine.plan()).changes).toEqual([])
      expect(await machine.rollback()).toMatchObject([{ outcome: 'undone' }])
    } finally {
      await machine.close()
    }
  })
})
