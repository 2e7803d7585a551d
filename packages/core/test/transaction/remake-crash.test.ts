import type { Change } from '@janus/core'
import { standardMachine } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { awaitHands } from '../../src/transaction/live-hands.js'
import type { TransactionRecord } from '../../src/transaction/read-transactions.js'
import { createModelBench, type ModelBench } from './model-bench.js'

const why = { why: 'a test', scope: 'persistent' } as const
const changes: readonly Change[] = [
  { kind: 'write-file', path: '/etc/settings', content: { text: 'on\n' }, mode: 0o644, ...why },
  {
    kind: 'run-command',
    command: '/usr/sbin/make-menu',
    args: [],
    timeout: 1_000,
    outputs: ['/boot/menu'],
    regenerates: true,
    ...why,
  },
]

async function text({ model }: ModelBench, path: string): Promise<string | undefined> {
  return (await model.host.readText(path)).value
}

async function withRewrittenMenu(): Promise<ModelBench> {
  const bench = createModelBench(standardMachine({ files: { '/etc/settings': 'off\n', '/boot/menu': 'menu: off\n' } }))
  bench.model.onCommand('/usr/sbin/make-menu', () => {
    const settings = bench.model.read('/etc/settings')
    bench.model.put({ '/boot/menu': `menu: ${settings !== undefined && 'value' in settings ? settings.value : ''}` })
    return { outcome: 'done' }
  })
  await bench.transactions.apply(await bench.plan(changes))
  expect(await text(bench, '/boot/menu')).toBe('menu: on\n')
  bench.model.put({ '/boot/menu': 'menu: a newer kernel, on\n' })
  return bench
}

describe('a rollback that makes a rewritten output anew', () => {
  it('is brought to its end by recovery after a crash before or after each of its orders', async () => {
    for (const moment of ['before', 'after'] as const) {
      for (const order of [1, 2]) {
        const bench = await withRewrittenMenu()
        try {
          const ending = await bench.untilDeath(
            () => bench.transactions.rollback(),
            bench.model.crashAfter(order, moment),
          )
          expect(ending).toBe('died')
          expect(await bench.transactions.recover()).toMatchObject({ complete: true })
          expect(await text(bench, '/etc/settings')).toBe('off\n')
          expect(await text(bench, '/boot/menu')).toBe('menu: off\n')
        } finally {
          bench.close()
        }
      }
    }
  })

  it('waits for the hand that still runs the command, and leaves alone what it rewrites', async () => {
    const bench = await withRewrittenMenu()
    try {
      const plan = await bench.plan(changes)
      const begin = { plan } as unknown as TransactionRecord['begin']
      const hand = { pid: 7, startTime: '1' }
      const undo = { step: 1, index: 1, hand: hand.pid }
      const record = { begin, stages: [], hands: [hand], steps: new Map(), undos: new Map([['1:1', undo]]) }
      const machine = { ...bench.model.machine, isAlive: async () => true }
      const blocked = await awaitHands(machine, [record as unknown as TransactionRecord], 0)
      expect(blocked).toEqual([{ pid: 7, subjects: ['/boot/menu'] }])
    } finally {
      bench.close()
    }
  })
})
