import { createKernelModel, lifeCycleSuite, link, standardMachine, type TreeInput } from '@janus/core/testing'
import { describe, expect, it, test } from 'vitest'
import { cpuHugepages, cpuHugepagesOptions } from '../../src/index.js'
import { check, GIB, grub, NODES, plan, twoNodes, written } from '../fixture/hugepage-machine.js'

function device(numaNode: string): TreeInput {
  return {
    '/sys/bus/pci/devices/0000:01:00.0': link('../../../devices/pci0000:00/0000:01:00.0'),
    '/sys/devices/pci0000:00/0000:01:00.0/vendor': '0x8086\n',
    '/sys/devices/pci0000:00/0000:01:00.0/device': '0x10d3\n',
    '/sys/devices/pci0000:00/0000:01:00.0/class': '0x020000\n',
    '/sys/devices/pci0000:00/0000:01:00.0/numa_node': `${numaNode}\n`,
  }
}

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

  it('of one node are refused where nothing reads tmpfiles.d', async () => {
    const { '/usr/bin/systemd-tmpfiles': _, ...without } = twoNodes as Record<string, string>
    await expect(plan(without, { pages: 10, node: 0, persistent: true })).rejects.toThrow(
      'there is no systemd-tmpfiles',
    )
  })

  it('have their file written anew where somebody has added to it, as status tells', async () => {
    const path = '/etc/sysctl.d/janus-hugepages.conf'
    const [file] = (await plan(twoNodes, { pages: 10, persistent: true })).filter(({ kind }) => kind === 'write-file')
    const text = file?.kind === 'write-file' && 'text' in file.content ? file.content.text : ''
    const planWith = (content: string) => plan({ ...twoNodes, [path]: content }, { pages: 10, persistent: true })
    expect(written(await planWith(text), path)).toBeUndefined()
    expect(written(await planWith(`${text}# mine\n`), path)).toMatchObject({
      content: { text },
      verify: [{ kind: 'sha256', path }],
    })
  })

  it('are given back with their file', async () => {
    const path = '/etc/sysctl.d/janus-hugepages.conf'
    const files = { ...twoNodes, [path]: 'vm.nr_hugepages = 10\n' }
    expect(await plan(files, { pages: 0, persistent: true })).toMatchObject([
      { kind: 'remove-file', path, verify: [{ kind: 'absent', path }] },
    ])
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
