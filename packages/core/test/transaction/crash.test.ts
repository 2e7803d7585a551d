import { standardAddresses, standardMachine } from '@janus/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bindingChanges } from './binding-changes.js'
import { createModelBench } from './model-bench.js'

const TARGETS = [
  { address: standardAddresses.nic, driver: 'e1000e', module: 'e1000e' },
  { address: standardAddresses.nicAudio, driver: 'snd_hda_intel', module: 'snd_hda_intel' },
  { address: standardAddresses.nvme, driver: 'nvme', module: 'nvme' },
] as const

const crashes = fc.record({
  targets: fc.subarray([...TARGETS], { minLength: 1 }),
  during: fc.constantFrom('apply' as const, 'rollback' as const),
  order: fc.integer({ min: 1, max: 14 }),
  moment: fc.constantFrom('before' as const, 'after' as const),
  /** A second crash, during the recovery from the first. */
  again: fc.option(
    fc.record({ order: fc.integer({ min: 1, max: 8 }), moment: fc.constantFrom('before' as const, 'after' as const) }),
  ),
})

describe('after a crash at any order', () => {
  it('recovery ends in exactly the state before or exactly the planned state', async () => {
    const endings = new Set<string>()
    await fc.assert(
      fc.asyncProperty(crashes, async ({ targets, during, order, moment, again }) => {
        const bench = createModelBench(standardMachine({ hangs: 'at-once' }))
        const { model } = bench
        try {
          const before = model.snapshot()
          const plan = await bench.plan(targets.flatMap(({ address, ...old }) => bindingChanges(address, old)))
          const apply = () => bench.transactions.apply(plan)
          if (during === 'rollback') await apply()
          const work = during === 'apply' ? apply : () => bench.transactions.rollback()
          const ending = await bench.untilDeath(work, model.crashAfter(order, moment))
          if (ending === 'died' && again !== null) {
            await bench.untilDeath(() => bench.transactions.recover(), model.crashAfter(again.order, again.moment))
          }
          const { complete } = await bench.transactions.recover()
          expect(complete).toBe(true)
          const { devices } = model.snapshot()
          const planned = targets.every(
            ({ address }) => devices[address]?.driver === 'vfio-pci' && devices[address]?.override === 'vfio-pci',
          )
          if (!planned) expect(model.snapshot()).toEqual(before)
          endings.add(planned ? 'planned' : 'before')
        } finally {
          bench.close()
        }
      }),
      { numRuns: 60 },
    )
    expect([...endings].sort()).toEqual(['before', 'planned'])
  }, 240_000)
})
