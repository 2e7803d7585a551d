import type { TreeInput } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { check, grub, NODES, plan, twoNodes, written } from '../fixture/hugepage-machine.js'

describe('persistent pages of 1 GiB', () => {
  const files = { ...twoNodes, ...grub }
  const line = async (options: object, settings = '"quiet"', more: TreeInput = {}) => {
    const tree = { ...files, ...more, '/etc/default/grub': `GRUB_CMDLINE_LINUX_DEFAULT=${settings}\n` }
    const change = written(await plan(tree, { size: '1G', persistent: true, ...options }), '/etc/default/grub')
    return change?.kind === 'write-file' && 'text' in change.content ? change.content.text : undefined
  }

  it('are on the kernel command line, behind their size, and not asked for now', async () => {
    expect(await line({ pages: 4 })).toContain('"quiet hugepagesz=1G hugepages=4"')
    expect(await plan(files, { pages: 4, size: '1G', persistent: true })).toMatchObject([
      {
        kind: 'write-file',
        afterBoot: [
          { kind: 'parameter', name: 'hugepages', value: '4', after: { names: ['hugepagesz', 'default_hugepagesz'] } },
          { kind: 'equals', path: '/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages', value: '4' },
        ],
      },
      { kind: 'run-command' },
    ])
  })

  it('of one node keep the number of others', async () => {
    expect(await line({ pages: 4, node: 1 })).toContain('"quiet hugepagesz=1G hugepages=1:4"')
    expect(await line({ pages: 4, node: 1 }, '"hugepagesz=1G hugepages=0:2"')).toContain(
      '"hugepagesz=1G hugepages=0:2,1:4"',
    )
    expect(await line({ pages: 0, node: 1 }, '"hugepagesz=1G hugepages=0:2,1:4"')).toContain(
      '"hugepagesz=1G hugepages=0:2"',
    )
  })

  it('are looked for in the pools after the boot: a kernel that has too little memory reserves fewer and starts', async () => {
    const tree = { ...files, '/etc/default/grub': 'GRUB_CMDLINE_LINUX_DEFAULT="hugepagesz=1G hugepages=0:2"\n' }
    const change = written(await plan(tree, { pages: 4, node: 1, size: '1G', persistent: true }), '/etc/default/grub')
    expect(change?.afterBoot?.filter(({ kind }) => kind === 'equals')).toEqual([
      { kind: 'equals', path: `${NODES}/node0/hugepages/hugepages-1048576kB/nr_hugepages`, value: '2' },
      { kind: 'equals', path: `${NODES}/node1/hugepages/hugepages-1048576kB/nr_hugepages`, value: '4' },
    ])
    const given = written(
      await plan(
        { ...files, '/etc/default/grub': 'GRUB_CMDLINE_LINUX_DEFAULT="hugepagesz=1G hugepages=4"\n' },
        { pages: 0, size: '1G', persistent: true },
      ),
      '/etc/default/grub',
    )
    expect(given?.afterBoot?.filter(({ kind }) => kind === 'equals') ?? []).toEqual([])
  })

  it('of one node are refused where the kernel cannot be told', async () => {
    await expect(line({ pages: 4, node: 1 }, '""', { '/proc/sys/kernel/osrelease': '5.10.0\n' })).rejects.toThrow(
      'Linux 5.10.0',
    )
  })

  it('are refused where the memory would not be enough to start, with what is reserved already', async () => {
    await expect(line({ pages: 64 })).rejects.toMatchObject({
      code: 'JANUS_HOST_UNFIT',
      message: expect.stringContaining('the pages need 65536 MiB, of 15625 MiB (/proc/meminfo)'),
    })
    expect(await line({ pages: 14 })).toContain('hugepages=14')
    await expect(line({ pages: 15 })).rejects.toThrow('the next boot would fail')
    await expect(line({ pages: 14 }, '"hugepages=512"')).rejects.toThrow('beside 1024 MiB that /etc/default/grub')
    await expect(line({ pages: 14 }, '"hugepagesz=2M hugepages=512"')).rejects.toThrow('beside 1024 MiB')
    expect(await line({ pages: 14 }, '"hugepagesz=1G hugepages=9"')).toContain('hugepages=14')
    const findings = await check(files, { pages: 64, size: '1G', persistent: true })
    expect(findings.at(-1)).toMatchObject({ id: 'hugepages-settings', status: 'critical' })
  })

  it('are refused on a node that the host has not, beyond the memory of one, and of a size without a pool', async () => {
    await expect(line({ pages: 1, node: 7 })).rejects.toThrow('has no NUMA node 7')
    const small = { [`${NODES}/node1/meminfo`]: 'Node 1 MemTotal: 4000000 kB\n' }
    await expect(line({ pages: 4, node: 1 }, '""', small)).rejects.toThrow('on node 1 need 4096 MiB, it has 3906 MiB')
    expect(await line({ pages: 3, node: 1 }, '""', small)).toContain('hugepages=1:3')
    await expect(line({ pages: 1, size: '16G' })).rejects.toThrow('has no hugepages of 16G')
  })

  it('do not become the default size where that would multiply pages that are there', async () => {
    await expect(line({ pages: 4, defaultSize: true }, '"hugepages=512"')).rejects.toMatchObject({
      code: 'JANUS_HOST_UNFIT',
      message: expect.stringContaining('holds "hugepages=512" for the default size'),
    })
    const named = '"default_hugepagesz=2M hugepages=512"'
    await expect(line({ pages: 4, defaultSize: true }, named)).rejects.toThrow('holds "hugepages=512"')
    expect(await line({ pages: 4, defaultSize: true }, '"hugepagesz=2M hugepages=512"')).toContain(
      '"hugepagesz=2M hugepages=512 default_hugepagesz=1G hugepagesz=1G hugepages=4"',
    )
    expect(await line({ pages: 4, defaultSize: true }, '"default_hugepagesz=1G hugepages=2"')).toContain(
      '"default_hugepagesz=1G hugepages=4"',
    )
  })

  it('become the default size only when that is asked for', async () => {
    expect(await line({ pages: 4, defaultSize: true })).toContain(
      '"quiet default_hugepagesz=1G hugepagesz=1G hugepages=4"',
    )
  })

  it('are one number behind one size, over both variables of GRUB: of several the kernel obeys the first', async () => {
    const both = (every: string, normal: string) => ({
      ...files,
      '/etc/default/grub': `GRUB_CMDLINE_LINUX="${every}"\nGRUB_CMDLINE_LINUX_DEFAULT="${normal}"\n`,
    })
    const text = async (tree: TreeInput) => {
      const change = written(await plan(tree, { pages: 16, size: '1G', persistent: true }), '/etc/default/grub')
      return change?.kind === 'write-file' && 'text' in change.content ? change.content.text : undefined
    }
    const one = 'GRUB_CMDLINE_LINUX="hugepagesz=1G hugepages=16"\nGRUB_CMDLINE_LINUX_DEFAULT="quiet"\n'
    const large = { '/proc/meminfo': 'MemTotal: 64000000 kB\nHugePages_Total: 0\nHugepagesize: 2048 kB\n' }
    const four = 'hugepagesz=1G hugepages=4'
    expect(await text({ ...both(four, `quiet ${four}`), ...large })).toBe(one)
    expect(await text({ ...both(four, 'quiet hugepagesz=1G hugepages=16'), ...large })).toBe(one)
    expect(await text({ ...both(`${four} hugepages=16`, 'quiet'), ...large })).toBe(one)
    expect(await text({ ...both('hugepagesz=1G hugepages=16', 'quiet'), ...large })).toBeUndefined()
  })

  it('of one node keep those of others by the number that the kernel obeys', async () => {
    const settings = '"hugepagesz=1G hugepages=0:2 hugepagesz=1G hugepages=0:9"'
    expect(await line({ pages: 4, node: 1 }, settings)).toContain('"hugepagesz=1G hugepages=0:2,1:4"')
  })

  it.each([
    [
      '"default_hugepagesz=2M default_hugepagesz=1G hugepages=4"',
      {},
      'default_hugepagesz=2M" and "default_hugepagesz=1G',
    ],
    [
      '"default_hugepagesz=2M default_hugepagesz=2M"',
      { defaultSize: true },
      'default_hugepagesz=2M" and "default_huge',
    ],
    ['"hugepages=2 default_hugepagesz=1G"', {}, 'holds "hugepages=2" before every size, and "default_hugepagesz=1G"'],
    ['"hugepages=2 default_hugepagesz=1G"', { pages: 0 }, 'holds "hugepages=2" before every size'],
  ])('are refused where kernels would differ about what counts: %s, %j', async (settings, options, words) => {
    await expect(line({ pages: 4, ...options }, settings)).rejects.toMatchObject({
      code: 'JANUS_HOST_UNFIT',
      message: expect.stringContaining(words),
    })
  })

  it('count what the kernel ignores neither as reserved nor as a size', async () => {
    expect(await line({ pages: 13 }, '"hugepagesz=2M hugepages=512 hugepagesz=2M hugepages=512"')).toContain(
      '"hugepagesz=2M hugepages=512 hugepagesz=2M hugepages=512 hugepagesz=1G hugepages=13"',
    )
    expect(await line({ pages: 4 }, '"default_hugepagesz=2M default_hugepagesz=2M"')).toContain('hugepages=4"')
  })

  it('are given back with their words', async () => {
    expect(await line({ pages: 0 }, '"quiet hugepagesz=1G hugepages=4"')).toContain('"quiet"')
    expect(await plan(files, { pages: 0, size: '1G', persistent: true })).toEqual([])
  })
})
