import type { Change } from '@janus/core'
import { createKernelModel, standardMachine, type TreeInput, unreadable } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { cpuHugepages, cpuHugepagesOptions } from '../../src/index.js'
import { contextOn, createMachine } from '../fixture/context.js'
import { onModel, undoOnModel, writes } from '../fixture/on-model.js'

const GIB = 1024 * 1024

describe('the options of cpu-hugepages', () => {
  it.each([
    ['2M', 2048],
    ['1G', GIB],
    ['64K', 64],
  ])('read the size %s as %d KiB', (size, sizeKiB) => {
    expect(cpuHugepagesOptions.parse({ pages: 1, size }).size).toBe(sizeKiB)
  })

  it.each([
    {},
    { pages: -1 },
    { pages: 1.5 },
    { pages: 1, size: '2048' },
    { pages: 1, size: '0M' },
    { pages: 1, node: -1 },
    { pages: 1, force: true },
  ])('refuse %j', (options) => {
    expect(cpuHugepagesOptions.safeParse(options).success).toBe(false)
  })
})

describe('the changes of cpu-hugepages', () => {
  it('set the pages of one node and read them back', async () => {
    expect(await plan(nodes([{ total: 4 }]), { pages: 100 })).toEqual([
      {
        kind: 'write-attribute',
        path: '/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages',
        from: '4',
        value: '100',
        mayGrantLess: true,
        why: expect.stringContaining('100 pages of 2M on node 0 instead of 4'),
        verify: [
          {
            kind: 'equals',
            path: '/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages',
            value: '100',
          },
        ],
        scope: 'runtime',
        undo: [
          {
            kind: 'write-attribute',
            path: '/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages',
            value: '4',
            why: expect.stringContaining('4 pages of 2M on node 0 again'),
            verify: [
              {
                kind: 'equals',
                path: '/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages',
                value: '4',
              },
              {
                kind: 'equals',
                path: '/sys/devices/system/node/node0/hugepages/hugepages-2048kB/surplus_hugepages',
                value: '0',
              },
            ],
            scope: 'runtime',
          },
        ],
      },
    ])
  })

  it('leave no surplus behind when a program reserves the pages behind the plan', async () => {
    const hugepages = [{ node: 0, sizeKiB: 2048, capacity: 2000, pages: 1024, inUse: 100 }]
    const model = createKernelModel({ ...standardMachine(), hugepages })
    const [change] = await onModel(cpuHugepages, model).plan({ pages: 500 })
    const program = model.reserveHugepages(2048, 924)
    await expect(onModel(cpuHugepages, model).plan({ pages: 500 })).rejects.toThrow('924 more are reserved')
    const pool = '/sys/devices/system/node/node0/hugepages/hugepages-2048kB'
    const state = () => [model.read(`${pool}/nr_hugepages`), model.read(`${pool}/surplus_hugepages`)]
    const before = state()
    model.write(`${pool}/nr_hugepages`, '500')
    expect(state()).not.toEqual(before)
    await undoOnModel(model, change)
    expect(state()).toEqual(before)
    program.release()
    expect(state()).toEqual(before)
  })

  it('are none when as many are reserved already, however they are spread', async () => {
    expect(await plan(nodes([{ total: 7 }, { total: 3 }]), { pages: 10 })).toEqual([])
  })

  it('spread the pages over the nodes, the first ones taking the rest', async () => {
    const changes = await plan(nodes([{}, {}, {}]), { pages: 11 })
    expect(changes.map((change) => ('value' in change ? change.value : undefined))).toEqual(['4', '4', '3'])
  })

  it('give no pages to a node without memory', async () => {
    const changes = await plan(nodes([{}, { memory: 0 }]), { pages: 10 })
    expect(changes).toMatchObject([{ path: expect.stringContaining('node0'), value: '10' }])
  })

  it('touch only the node that was named', async () => {
    expect(await plan(nodes([{}, {}]), { pages: 10, node: 1 })).toMatchObject([
      { path: expect.stringContaining('node1'), value: '10' },
    ])
  })

  it('use the files of the whole host where it shows no nodes', async () => {
    const changes = await plan({ ...meminfo(), ...pool('/sys/kernel/mm/hugepages', 2048, {}) }, { pages: 10 })
    expect(changes).toMatchObject([{ path: '/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages' }])
  })

  it('use the default size of the host, not 2 MiB', async () => {
    const tree = {
      ...meminfo(524_288),
      ...pool('/sys/kernel/mm/hugepages', 524_288, {}),
      ...pool('/sys/kernel/mm/hugepages', 2048, {}),
    }
    expect(await plan(tree, { pages: 2 })).toMatchObject([{ path: expect.stringContaining('hugepages-524288kB') }])
  })

  it.each([
    ['more than the memory holds', { pages: 10_000 }, [{}], ['9996 more', '19992 MiB']],
    ['a node that the host does not have', { pages: 1, node: 7 }, [{}], ['node 7']],
    ['fewer than are in use', { pages: 1 }, [{ total: 4, free: 1 }], ['3 pages', 'in use']],
    ['a pool with surplus pages', { pages: 9 }, [{ total: 4, free: 1, surplus: 2 }], ['surplus']],
  ])('refuse %s, with the numbers', async (_, options, pools, words) => {
    const tree = nodes(pools.map((settings) => ({ total: 4, ...settings })))
    const refused = expect(plan(tree, options)).rejects
    for (const word of words)
      await refused.toMatchObject({ code: 'JANUS_HOST_UNFIT', message: expect.stringContaining(word) })
  })

  it('refuse to shrink below what is in use and reserved over all nodes, with the numbers', async () => {
    const tree = (reserved: number) => ({
      ...nodes([{ total: 1024, free: 924 }, { total: 0 }]),
      '/sys/kernel/mm/hugepages/hugepages-2048kB/resv_hugepages': `${reserved}\n`,
    })
    await expect(plan(tree(924), { pages: 500, node: 0 })).rejects.toMatchObject({
      code: 'JANUS_HOST_UNFIT',
      message: expect.stringMatching(/100 pages of 2M are in use and 924 more are reserved .* no 500 .*resv_hugepages/),
      data: { used: 100, reserved: 924, left: 500 },
    })
    expect(writes(await plan(tree(400), { pages: 500, node: 0 }))).toHaveLength(1)
    await expect(plan(tree(401), { pages: 500, node: 0 })).rejects.toMatchObject({ code: 'JANUS_HOST_UNFIT' })
    // Pages of any node serve a reservation, so more is made before any is taken.
    expect(writes(await plan(tree(924), { pages: 1100 }))).toEqual([
      ['/sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages', '550'],
      ['/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages', '550'],
    ])
  })

  it('cannot be planned where no pools are shown', async () => {
    await expect(plan({}, { pages: 1 })).rejects.toMatchObject({ code: 'JANUS_HOST_LACKS_FEATURE' })
    const hidden = { '/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages': unreadable('denied') }
    await expect(plan(hidden, { pages: 1 })).rejects.toMatchObject({ code: 'JANUS_HOST_UNREADABLE' })
  })
})

describe('the check of cpu-hugepages', () => {
  it('recommends an eighth of the memory in pages of the default size', async () => {
    const [finding] = await check(nodes([{}]))
    expect(finding).toMatchObject({ id: 'hugepages', status: 'warn', remedy: expect.stringContaining('pages=512') })
  })

  it('does not take one page for a reservation', async () => {
    expect(await check(nodes([{ total: 1 }]))).toMatchObject([
      { status: 'warn', summary: expect.stringContaining('only 2 MiB') },
    ])
  })

  it('is fine with 1 GiB over all sizes and nodes', async () => {
    const tree = { ...nodes([{ total: 256 }]), ...pool('/sys/devices/system/node/node0/hugepages', GIB, { total: 1 }) }
    expect(await check(tree)).toMatchObject([{ status: 'ok', summary: expect.stringContaining('1 of 1G on node 0') }])
  })

  it('skips a host that shows nothing', async () => {
    expect(await check({})).toMatchObject([{ status: 'skipped' }])
  })

  it('skips what is asked of a kernel without hugepages, or without pages of that size', async () => {
    const requested = async (tree: TreeInput, options: object) =>
      (await cpuHugepages.check(contextOn(createMachine(tree), cpuHugepagesOptions.parse(options)))).find(
        ({ id }) => id === 'hugepages-requested',
      )
    expect(await requested({ '/proc/meminfo': 'MemTotal: 8000000 kB\n' }, { pages: 1 })).toMatchObject({
      status: 'skipped',
      summary: expect.stringContaining('has no hugepages'),
      remedy: expect.stringContaining('CONFIG_HUGETLBFS'),
    })
    await expect(plan(nodes([{}]), { pages: 1, size: '1G' })).rejects.toMatchObject({
      code: 'JANUS_HOST_LACKS_FEATURE',
    })
    expect(await requested(nodes([{}]), { pages: 1, size: '1G' })).toMatchObject({
      status: 'skipped',
      summary: expect.stringContaining('no hugepages of 1G; it has 2M'),
    })
  })

  it('says whether what the options ask for is possible', async () => {
    const context = (pages: number) => contextOn(createMachine(nodes([{}])), cpuHugepagesOptions.parse({ pages }))
    expect((await cpuHugepages.check(context(10)))[1]).toMatchObject({ status: 'ok' })
    expect((await cpuHugepages.check(context(100_000)))[1]).toMatchObject({
      status: 'critical',
      remedy: expect.any(String),
    })
  })
})

interface PoolSettings {
  readonly total?: number
  readonly free?: number
  readonly surplus?: number
  /** Kibibytes of the node. */
  readonly memory?: number
}

function nodes(settings: readonly PoolSettings[]): TreeInput {
  const parts = settings.map((node, index) => {
    const memory = node.memory ?? 8 * GIB
    return {
      ...pool(`/sys/devices/system/node/node${index}/hugepages`, 2048, node),
      [`/sys/devices/system/node/node${index}/meminfo`]: `Node ${index} MemTotal: ${memory} kB\nNode ${index} MemFree: ${memory / 2} kB\n`,
      [`/sys/devices/system/node/node${index}/cpulist`]: `${index}\n`,
    }
  })
  return Object.assign({ ...meminfo(), '/sys/devices/system/node/online': `0-${settings.length - 1}\n` }, ...parts)
}

function meminfo(sizeKiB = 2048): TreeInput {
  return {
    '/proc/meminfo': `MemTotal: ${8 * GIB} kB\nMemFree: ${4 * GIB} kB\nMemAvailable: ${4 * GIB} kB\nHugepagesize: ${sizeKiB} kB\n`,
  }
}

function pool(directory: string, sizeKiB: number, { total = 0, free = total, surplus = 0 }: PoolSettings): TreeInput {
  const path = `${directory}/hugepages-${sizeKiB}kB`
  return {
    [`${path}/nr_hugepages`]: `${total}\n`,
    [`${path}/free_hugepages`]: `${free}\n`,
    [`${path}/surplus_hugepages`]: `${surplus}\n`,
  }
}

async function plan(tree: TreeInput, options: Record<string, unknown>): Promise<readonly Change[]> {
  return cpuHugepages.apply(contextOn(createMachine(tree), cpuHugepagesOptions.parse(options)))
}

async function check(tree: TreeInput) {
  return cpuHugepages.check(contextOn(createMachine(tree), undefined))
}
