import type { Change, Condition } from '@janus/core'
import { standardMachine, type TreeInput, unreadable } from '@janus/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { statusOf } from '../../src/transaction/summarise.js'
import { createModelBench, type ModelBench } from './model-bench.js'

const COMMAND_LINE = '/proc/cmdline'
const IMAGE = '/boot/initrd.img'
const BOOT_ID = '/proc/sys/kernel/random/boot_id'

describe('what comes into effect with the next boot', () => {
  const benches: ModelBench[] = []
  afterEach(() => {
    for (const bench of benches.splice(0)) bench.close()
  })

  it('is pending until then, which is neither drift nor unclean', async () => {
    const bench = await applied()
    expect(await statusOf(bench.model.machine, bench.stateDirectory)).toMatchObject({
      clean: true,
      rebootPending: true,
      drift: [
        { path: '/etc/default/janus', state: 'holds' },
        { path: COMMAND_LINE, state: 'pending-reboot', found: '"quiet"' },
      ],
    })
  })

  it('holds after a boot that brought it', async () => {
    const bench = await applied()
    bench.model.put({ [BOOT_ID]: 'another-boot\n', [COMMAND_LINE]: 'quiet iommu=pt\n' })
    const status = await statusOf(bench.model.machine, bench.stateDirectory)
    expect(status).toMatchObject({ clean: true, rebootPending: false })
    expect(status.drift.map(({ state }) => state)).toEqual(['holds', 'holds'])
  })

  it('is drift after a boot that did not bring it', async () => {
    const bench = await applied()
    bench.model.put({ [BOOT_ID]: 'another-boot\n' })
    const status = await statusOf(bench.model.machine, bench.stateDirectory)
    expect(status).toMatchObject({ clean: false, rebootPending: false })
    expect(status.drift.at(-1)).toMatchObject({ path: COMMAND_LINE, state: 'drifted' })
  })

  it.each<[string, Condition, TreeInput, RegExp]>([
    [
      'a file that may not be read',
      { kind: 'contains', path: IMAGE, value: 'iommu' },
      { [IMAGE]: unreadable('denied') },
      /^it cannot be read: denied$/,
    ],
    [
      'an image that cannot be unpacked',
      { kind: 'archive-member', path: IMAGE, member: 'conf' },
      { [IMAGE]: 'no archive' },
      /^it cannot be known: /,
    ],
  ])('is unreadable after a boot, and has not drifted, where it lies in %s', async (_, condition, files, found) => {
    const bench = await applied({ ...change, afterBoot: [condition] })
    bench.model.put({ [BOOT_ID]: 'another-boot\n', '/boot': {}, ...files })
    const { clean, drift } = await statusOf(bench.model.machine, bench.stateDirectory)
    expect(drift.at(-1)).toMatchObject({ path: IMAGE, state: 'unreadable', found: expect.stringMatching(found) })
    expect(clean).toBe(false)
  })

  it('is judged for each parameter of the command line by itself', async () => {
    const both = ['intel_iommu', 'iommu'].map(
      (name) => ({ kind: 'parameter', path: COMMAND_LINE, name, value: 'on' }) as const,
    )
    const bench = await applied({ ...change, afterBoot: both })
    bench.model.put({ [BOOT_ID]: 'another-boot\n', [COMMAND_LINE]: 'quiet iommu=on\n' })
    const { clean, drift } = await statusOf(bench.model.machine, bench.stateDirectory)
    expect(clean).toBe(false)
    expect(drift.map(({ state }) => state)).toEqual(['holds', 'drifted', 'holds'])
  })

  it('is pending too where a word that keeps something off is to be gone', async () => {
    const gone = { kind: 'parameter', path: COMMAND_LINE, name: 'iommu', value: null, among: ['off'] } as const
    const bench = await applied({ ...change, afterBoot: [gone] }, 'quiet iommu=off iommu=pt\n')
    const before = await statusOf(bench.model.machine, bench.stateDirectory)
    expect(before).toMatchObject({ rebootPending: true })
    expect(before.drift.at(-1)).toMatchObject({ state: 'pending-reboot', found: 'iommu is "off"' })
    bench.model.put({ [BOOT_ID]: 'another-boot\n', [COMMAND_LINE]: 'quiet iommu=pt\n' })
    expect((await statusOf(bench.model.machine, bench.stateDirectory)).drift.at(-1)).toMatchObject({ state: 'holds' })
  })

  async function applied(step: Change = change, line = 'quiet\n'): Promise<ModelBench> {
    const bench = createModelBench(standardMachine({ files: { '/etc/default': {}, [COMMAND_LINE]: line } }))
    benches.push(bench)
    await bench.transactions.apply(await bench.plan([step]))
    return bench
  }
})

const change: Change = {
  kind: 'write-file',
  path: '/etc/default/janus',
  content: { text: 'iommu=pt\n' },
  mode: 0o644,
  why: 'boot with iommu=pt',
  scope: 'persistent',
  verify: [{ kind: 'contains', path: '/etc/default/janus', value: 'iommu=pt' }],
  afterBoot: [{ kind: 'contains', path: COMMAND_LINE, value: 'iommu=pt' }],
}
