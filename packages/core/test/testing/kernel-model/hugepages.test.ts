import { createKernelModel } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'

describe('the hugepages of the kernel model', () => {
  it.each([
    ['6.1', 824],
    ['6.12', 400],
  ] as const)(
    'keeps hugepages that a program has reserved, as surplus, until it ends (%s)',
    async (personality, beside) => {
      const [busy, other] = [
        { node: 0, sizeKiB: 2048, capacity: 2000, pages: 1024, inUse: 100 },
        { node: 1, sizeKiB: 2048, capacity: 2000 },
      ]
      const model = createKernelModel({ personality, hugepages: [busy, other] })
      const read = async (path: string) => Number((await model.host.readText(path)).value)
      const whole = '/sys/kernel/mm/hugepages/hugepages-2048kB'
      const pool = '/sys/devices/system/node/node0/hugepages/hugepages-2048kB'
      const all = async () =>
        Promise.all([`${pool}/nr_hugepages`, `${pool}/surplus_hugepages`, `${whole}/resv_hugepages`].map(read))
      const program = model.reserveHugepages(2048, 924)
      expect(() => model.reserveHugepages(2048, 1)).toThrow('ENOMEM')
      expect(await all()).toEqual([1024, 0, 924])
      expect(model.write(`${pool}/nr_hugepages`, '500')).toBe('ok')
      expect(await all()).toEqual([1024, 524, 924])
      expect(await read('/proc/sys/vm/nr_hugepages')).toBe(500)
      // What is asked for again is surplus no longer.
      model.write(`${pool}/nr_hugepages`, '600')
      expect(await all()).toEqual([1024, 424, 924])
      const beyond = '/sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages'
      model.write(beyond, '400')
      expect(await read(beyond)).toBe(beside)
      program.release()
      expect(await all()).toEqual([600, 0, 0])
    },
  )

  it('grants hugepages in part and says ok; pages in use stay as surplus', async () => {
    const model = createKernelModel({
      hugepages: [
        { node: 0, sizeKiB: 2048, capacity: 10, inUse: 2 },
        { node: 1, sizeKiB: 2048, capacity: 4 },
      ],
    })
    const node = (number: number) => `/sys/devices/system/node/node${number}/hugepages/hugepages-2048kB`
    const read = async (path: string) => (await model.host.readText(path)).value
    expect(model.write(`${node(1)}/nr_hugepages`, '100')).toBe('ok')
    expect(await read(`${node(1)}/nr_hugepages`)).toBe('4\n')
    expect(await read('/proc/meminfo')).toMatch(/^HugePages_Total: 6\nHugePages_Free: 4$/m)
    expect(model.write('/proc/sys/vm/nr_hugepages', '12')).toBe('ok')
    expect([await read(`${node(0)}/nr_hugepages`), await read(`${node(1)}/nr_hugepages`)]).toEqual(['8\n', '4\n'])
    expect(model.write(`${node(0)}/nr_hugepages`, '0')).toBe('ok')
    expect([await read(`${node(0)}/nr_hugepages`), await read(`${node(0)}/surplus_hugepages`)]).toEqual(['2\n', '2\n'])
    for (const junk of ['abc', '-1', '1.5']) expect(model.write(`${node(0)}/nr_hugepages`, junk)).toBe('EINVAL')
  })
})
