import type { Change } from '@janus/core'
import { createKernelModel, lifeCycleSuite, link, standardMachine, type TreeInput } from '@janus/core/testing'
import { describe, expect, it, test } from 'vitest'
import { cpuHugepages, cpuHugepagesOptions } from '../../src/index.js'
import { contextOn, createMachine } from '../fixture/context.js'

const NODES = '/sys/devices/system/node'
const GIB = 1024 * 1024

function pool(node: number, sizeKiB: number, total = 0): TreeInput {
  const path = `${NODES}/node${node}/hugepages/hugepages-${sizeKiB}kB`
  return {
    [`${path}/nr_hugepages`]: `${total}\n`,
    [`${path}/free_hugepages`]: `${total}\n`,
    [`${path}/surplus_hugepages`]: '0\n',
  }
}

const twoNodes: TreeInput = {
  '/proc/meminfo': 'MemTotal: 16000000 kB\nMemAvailable: 14000000 kB\nHugePages_Total: 0\nHugepagesize: 2048 kB\n',
  '/proc/sys/kernel/osrelease': '6.1.0\n',
  '/usr/bin/systemd-tmpfiles': '',
  '/etc/sysctl.d/README.sysctl': '',
  ...pool(0, 2048),
  ...pool(1, 2048),
  ...pool(0, GIB),
  ...pool(1, GIB),
  '/sys/kernel/mm/transparent_hugepage/enabled': 'always [madvise] never\n',
  '/sys/kernel/mm/transparent_hugepage/defrag': 'always defer defer+madvise [madvise] never\n',
}
const grub: TreeInput = {
  '/etc/default/grub': 'GRUB_CMDLINE_LINUX_DEFAULT="quiet"\n',
  '/boot/grub/grub.cfg': '',
  '/usr/sbin/update-grub': '',
}
function device(numaNode: string): TreeInput {
  return {
    '/sys/bus/pci/devices/0000:01:00.0': link('../../../devices/pci0000:00/0000:01:00.0'),
    '/sys/devices/pci0000:00/0000:01:00.0/vendor': '0x8086\n',
    '/sys/devices/pci0000:00/0000:01:00.0/device': '0x10d3\n',
    '/sys/devices/pci0000:00/0000:01:00.0/class': '0x020000\n',
    '/sys/devices/pci0000:00/0000:01:00.0/numa_node': `${numaNode}\n`,
  }
}

const plan = (tree: TreeInput, options: object): Promise<readonly Change[]> =>
  cpuHugepages.apply(contextOn(createMachine(tree), cpuHugepagesOptions.parse(options))) as Promise<readonly Change[]>
const check = (tree: TreeInput, options?: object) =>
  cpuHugepages.check(
    contextOn(createMachine(tree), options === undefined ? undefined : cpuHugepagesOptions.parse(options)),
  )
const written = (changes: readonly Change[], path: string) =>
  changes.find((change) => change.kind === 'write-file' && change.path === path)

describe('the options of cpu-hugepages', () => {
  it.each([
    { persistent: true },
    { pages: 1, node: 0, near: '0000:01:00.0' },
    { transparent: 'always', size: '2M' },
    { pages: 1, defaultSize: true },
    { pages: 1, size: '1G', defaultSize: true },
    { transparent: 'sometimes' },
    { pages: 1, near: '01:00.0.0' },
  ])('that do not go together are refused: %j', (options) => {
    expect(cpuHugepagesOptions.safeParse(options).success).toBe(false)
  })

  it.each([
    { transparent: 'never' },
    { transparent: 'madvise', defrag: 'defer+madvise', persistent: true },
    { pages: 4, size: '1G', persistent: true, defaultSize: true },
    { pages: 4, near: '0000:01:00.0', persistent: true },
  ])('that go together are taken: %j', (options) => {
    expect(cpuHugepagesOptions.safeParse(options).success).toBe(true)
  })
})

describe('persistent pages', () => {
  it('of the default size over all nodes are a sysctl, beside the pages of now', async () => {
    const changes = await plan(twoNodes, { pages: 10, persistent: true })
    expect(changes.map(({ kind }) => kind)).toEqual(['write-attribute', 'write-attribute', 'write-file'])
    expect(written(changes, '/etc/sysctl.d/janus-hugepages.conf')).toMatchObject({
      content: { text: expect.stringMatching(/^# Written by Janus.*\nvm\.nr_hugepages = 10\n$/) },
      afterBoot: [{ kind: 'equals', path: '/proc/sys/vm/nr_hugepages', value: '10' }],
    })
  })

  it('of one node are a line for tmpfiles.d, which keeps those of other nodes', async () => {
    const path = '/etc/tmpfiles.d/janus-hugepages.conf'
    const line = (node: number, pages: number) =>
      `w ${NODES}/node${node}/hugepages/hugepages-2048kB/nr_hugepages - - - - ${pages}`
    const changes = await plan({ ...twoNodes, [path]: `# x\n${line(0, 7)}\n` }, { pages: 5, node: 1, persistent: true })
    expect(written(changes, path)).toMatchObject({
      content: { text: expect.stringContaining(`${line(0, 7)}\n${line(1, 5)}\n`) },
    })
  })

  it('make the folder of their file where the host has none, once for all files in it', async () => {
    const options = { pages: 5, node: 1, persistent: true, transparent: 'never' }
    const changes = await plan(twoNodes, options)
    expect(changes.flatMap((change) => ('path' in change ? [`${change.kind} ${change.path}`] : [])).slice(1)).toEqual([
      'create-directory /etc/tmpfiles.d',
      'write-file /etc/tmpfiles.d/janus-hugepages.conf',
      'write-attribute /sys/kernel/mm/transparent_hugepage/enabled',
      'write-file /etc/tmpfiles.d/janus-transparent-hugepages.conf',
    ])
  })

  it('near a device are on its node', async () => {
    const changes = await plan({ ...twoNodes, ...device('1') }, { pages: 5, near: '0000:01:00.0' })
    expect(changes).toMatchObject([{ path: expect.stringContaining('/node1/'), value: '5' }])
  })

  it('near a device of which the firmware does not say its node are refused on a host with several', async () => {
    await expect(plan({ ...twoNodes, ...device('-1') }, { pages: 5, near: '0000:01:00.0' })).rejects.toMatchObject({
      code: 'JANUS_HOST_UNFIT',
      message: expect.stringContaining('numa_node: -1'),
    })
    await expect(plan(twoNodes, { pages: 5, near: '0000:01:00.0' })).rejects.toMatchObject({
      code: 'JANUS_DEVICE_NOT_FOUND',
    })
  })

  it('are refused where another file would set another number after it', async () => {
    const files = { ...twoNodes, '/etc/sysctl.d/zz.conf': 'vm.nr_hugepages=3\n' }
    await expect(plan(files, { pages: 10, persistent: true })).rejects.toThrow(
      '/etc/sysctl.d/zz.conf sets vm.nr_hugepages to 3',
    )
    await expect(plan(files, { pages: 10, node: 0, persistent: true })).rejects.toThrow('over all nodes')
    const earlier = { ...twoNodes, '/etc/sysctl.d/10-a.conf': 'vm.nr_hugepages=3\n' }
    expect(await plan(earlier, { pages: 10, persistent: true })).toHaveLength(3)
  })

  describe('beside other files of sysctl settings', () => {
    const systemd = { ...twoNodes, '/usr/lib/systemd/systemd-sysctl': '' }
    const ten = { pages: 10, persistent: true }
    const ours = '/etc/sysctl.d/janus-hugepages.conf'
    const three = 'vm.nr_hugepages=3\n'

    it.each(['/run', '/usr/local/lib', '/usr/lib', '/lib'])(
      'are refused where a later one is below %s',
      async (folder) => {
        const path = `${folder}/sysctl.d/zz.conf`
        await expect(plan({ ...systemd, [path]: three }, ten)).rejects.toMatchObject({
          code: 'JANUS_HOST_UNFIT',
          message: expect.stringContaining(`${path} sets vm.nr_hugepages to 3, after ${ours}`),
          remedy: expect.stringContaining('/etc/sysctl.d/zz.conf'),
        })
        expect(await plan({ ...systemd, [`${folder}/sysctl.d/50-a.conf`]: three }, ten)).toHaveLength(3)
      },
    )

    it('are made where a file of the same name in /etc is read in its place', async () => {
      const shadowed = { ...systemd, '/usr/lib/sysctl.d/zz.conf': three }
      expect(await plan({ ...shadowed, '/etc/sysctl.d/zz.conf': '# nothing\n' }, ten)).toHaveLength(3)
      expect(await plan({ ...shadowed, '/etc/sysctl.d/zz.conf': link('/dev/null') }, ten)).toHaveLength(3)
      expect(await plan({ ...systemd, '/usr/lib/sysctl.d/janus-hugepages.conf': three }, ten)).toHaveLength(3)
      await expect(plan({ ...shadowed, '/run/sysctl.d/zz.conf': 'vm.nr_hugepages=4\n' }, ten)).rejects.toThrow(
        '/run/sysctl.d/zz.conf sets vm.nr_hugepages to 4',
      )
    })

    it('count the last line of a file, and of the later files the last', async () => {
      const files = (text: string, last = '') => ({
        ...systemd,
        '/etc/sysctl.d/y.conf': text,
        '/etc/sysctl.d/zz.conf': last,
      })
      await expect(plan(files('vm.nr_hugepages=10\n-vm/nr_hugepages = 3\n'), ten)).rejects.toThrow('to 3')
      expect(await plan(files('vm.nr_hugepages=3\nvm.nr_hugepages=10\n'), ten)).toHaveLength(3)
      expect(await plan(files(three, 'vm.nr_hugepages=10\n'), ten)).toHaveLength(3)
      expect(await plan(files('#vm.nr_hugepages=3\n;vm.nr_hugepages=3\n'), ten)).toHaveLength(3)
    })

    it('are given back only where no file is left that reserves some', async () => {
      const files = { ...systemd, [ours]: 'vm.nr_hugepages = 10\n', '/usr/lib/sysctl.d/50-a.conf': three }
      await expect(plan(files, { pages: 0, persistent: true })).rejects.toThrow('/usr/lib/sysctl.d/50-a.conf sets')
      const none = { ...files, '/etc/sysctl.d/60-b.conf': 'vm.nr_hugepages=0\n' }
      expect(await plan(none, { pages: 0, persistent: true })).toMatchObject([{ kind: 'remove-file', path: ours }])
    })

    it('go by /etc/sysctl.conf where it is read: by systemd through a link, by others last of all', async () => {
      const settings = { '/etc/sysctl.conf': three }
      expect(await plan({ ...systemd, ...settings }, ten)).toHaveLength(3)
      const linked = { ...systemd, ...settings, '/etc/sysctl.d/99-sysctl.conf': link('../sysctl.conf') }
      expect(await plan(linked, ten)).toHaveLength(3)
      await expect(plan(linked, { ...ten, node: 0 })).rejects.toThrow('/etc/sysctl.d/99-sysctl.conf sets')
      await expect(plan({ ...twoNodes, ...settings }, ten)).rejects.toThrow(
        '/etc/sysctl.conf sets vm.nr_hugepages to 3',
      )
    })
  })

  it('of one node are refused where nothing reads tmpfiles.d', async () => {
    const { '/usr/bin/systemd-tmpfiles': _, ...without } = twoNodes as Record<string, string>
    await expect(plan(without, { pages: 10, node: 0, persistent: true })).rejects.toThrow(
      'there is no systemd-tmpfiles',
    )
  })

  it('are given back with their file', async () => {
    const files = { ...twoNodes, '/etc/sysctl.d/janus-hugepages.conf': 'vm.nr_hugepages = 10\n' }
    expect(await plan(files, { pages: 0, persistent: true })).toMatchObject([
      { kind: 'remove-file', path: '/etc/sysctl.d/janus-hugepages.conf' },
    ])
  })
})

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

describe('transparent hugepages', () => {
  it('are set and, when asked to, at every boot', async () => {
    const tree = { ...twoNodes, '/etc/tmpfiles.d/README': '' }
    const changes = await plan(tree, { transparent: 'never', defrag: 'defer', persistent: true })
    expect(changes).toMatchObject([
      { kind: 'write-attribute', from: 'madvise', value: 'never', scope: 'runtime' },
      { kind: 'write-attribute', from: 'madvise', value: 'defer' },
      {
        kind: 'write-file',
        path: '/etc/tmpfiles.d/janus-transparent-hugepages.conf',
        content: { text: expect.stringContaining('w /sys/kernel/mm/transparent_hugepage/enabled - - - - never\n') },
      },
    ])
    expect(await plan(twoNodes, { transparent: 'madvise' })).toEqual([])
  })

  it('are refused where the kernel has none, or not this choice', async () => {
    await expect(plan(grub, { transparent: 'never' })).rejects.toMatchObject({ code: 'JANUS_HOST_LACKS_FEATURE' })
    const old = { ...twoNodes, '/sys/kernel/mm/transparent_hugepage/defrag': 'always [madvise] never\n' }
    await expect(plan(old, { defrag: 'defer' })).rejects.toThrow('it has always, madvise, never')
  })

  it('are shown by a check, where there are any', async () => {
    expect(await check(twoNodes)).toMatchObject([
      {},
      { status: 'ok', summary: 'transparent hugepages: madvise, their defragmentation: madvise' },
    ])
    expect(await check(grub)).toHaveLength(1)
    expect((await check(twoNodes, { transparent: 'never' })).at(-1)).toMatchObject({
      id: 'hugepages-settings',
      status: 'warn',
    })
    expect((await check(twoNodes, { transparent: 'madvise' })).at(-1)).toMatchObject({ status: 'ok' })
    expect((await check(grub, { transparent: 'never' })).at(-1)).toMatchObject({
      status: 'skipped',
      summary: expect.stringContaining('has no transparent hugepages'),
    })
    const old = { ...twoNodes, '/sys/kernel/mm/transparent_hugepage/defrag': 'always [madvise] never\n' }
    expect((await check(old, { defrag: 'defer' })).at(-1)).toMatchObject({ status: 'critical' })
  })
})

const SELECTORS = {
  '/sys/kernel/mm/transparent_hugepage/enabled': {
    text: 'madvise',
    accepts: ['always', 'madvise', 'never'],
    selector: true,
  },
  '/sys/kernel/mm/transparent_hugepage/defrag': {
    text: 'madvise',
    accepts: ['always', 'defer', 'defer+madvise', 'madvise', 'never'],
    selector: true,
  },
}
const kernel = () => {
  const model = createKernelModel({
    ...standardMachine(),
    hugepages: [
      { node: 0, sizeKiB: 2048, capacity: 300, pages: 7 },
      { node: 1, sizeKiB: 2048, capacity: 300 },
      { node: 0, sizeKiB: GIB, capacity: 1 },
    ],
    attributes: SELECTORS,
    files: {
      ...(grub as Record<string, string>),
      '/usr/bin/systemd-tmpfiles': '',
      '/etc/sysctl.d/10.conf': '',
      '/etc/tmpfiles.d/x.conf': '',
    },
  })
  model.onCommand('/usr/sbin/update-grub', () => {
    const settings = model.read('/etc/default/grub')
    const line = settings !== undefined && 'value' in settings ? /="(.*)"/.exec(settings.value)?.[1] : ''
    model.put({ '/boot/grub/grub.cfg': `linux /vmlinuz ${line}\n` })
    return { outcome: 'done' }
  })
  return model
}

lifeCycleSuite({
  test,
  module: cpuHugepages,
  fixtures: [
    {
      title: 'persistent on one node of a host without the folder',
      kernel: () =>
        createKernelModel({
          ...standardMachine(),
          hugepages: [
            { node: 0, sizeKiB: 2048, capacity: 300, pages: 7 },
            { node: 1, sizeKiB: 2048, capacity: 300 },
          ],
          attributes: SELECTORS,
          files: { '/usr/bin/systemd-tmpfiles': '', '/etc/hostname': 'lab\n' },
        }),
      options: { pages: 9, node: 1, persistent: true, transparent: 'never' },
      proves: ['hugepages-settings'],
    },
    {
      title: 'persistent over all nodes',
      kernel,
      options: { pages: 20, persistent: true },
      proves: ['hugepages-requested', 'hugepages-settings'],
    },
    {
      title: 'persistent on one node',
      kernel,
      options: { pages: 9, node: 1, persistent: true, transparent: 'never', defrag: 'defer' },
      proves: ['hugepages-settings'],
    },
    {
      title: 'of 1 GiB at the next boot',
      kernel,
      options: { pages: 1, size: '1G', persistent: true },
      proves: ['hugepages-settings'],
    },
  ],
})
