import { createHash } from 'node:crypto'
import { createMemoryHost, file, link, unreadable } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { createPlan } from '../../src/plan/create-plan.js'
import { readPlan } from '../../src/plan/read-plan.js'
import { subjectsOf } from '../../src/plan/subjects.js'

const owner = { uid: 0, gid: 0 }
const host = createMemoryHost({
  '/etc/grub': file('old\n', { mode: 0o644 }),
  '/sys/kernel/a': '1\n',
  '/sys/kernel/b': '',
})

function plan(...changes: readonly unknown[]) {
  return createPlan({
    host,
    module: { id: 'm', version: '1.0.0' },
    options: {},
    changes,
    by: 'test',
    now: new Date(0),
    owner,
  })
}

describe('making a plan', () => {
  it('fills in what an attribute holds now, how it is verified, and its undo', async () => {
    const { changes } = await plan({
      kind: 'write-attribute',
      path: '/sys/kernel/a',
      value: '2',
      why: 'w',
      scope: 'runtime',
    })
    expect(changes[0]).toMatchObject({
      from: '1',
      verify: [{ kind: 'equals', path: '/sys/kernel/a', value: '2' }],
      undo: [{ kind: 'write-attribute', path: '/sys/kernel/a', value: '1', verify: [{ kind: 'equals', value: '1' }] }],
    })
  })

  it('undoes to an empty attribute with a newline, because an empty write would be ignored', async () => {
    const { changes } = await plan({
      kind: 'write-attribute',
      path: '/sys/kernel/b',
      value: '2',
      why: 'w',
      scope: 'runtime',
    })
    expect(changes[0]).toMatchObject({ from: '', undo: [{ value: '\n' }] })
  })

  it('undoes a new file by removing it and a replaced one by its saved bytes', async () => {
    const common = { kind: 'write-file', content: { text: 'new\n' }, mode: 0o600, why: 'w', scope: 'persistent' }
    const { changes } = await plan({ ...common, path: '/etc/new' }, { ...common, path: '/etc/grub' })
    expect(changes[0]).toMatchObject({ from: null, undo: [{ kind: 'remove-file', path: '/etc/new' }] })
    expect(changes[1]).toMatchObject({
      undo: [{ kind: 'write-file', mode: 0o644, content: { saved: expect.stringMatching(/^[0-9a-f]{64}$/) } }],
    })
  })

  it('is refused on a captured host that lacks what it would rest on, and names it', async () => {
    const device = '/sys/devices/pci0000:00/0000:00:01.0'
    const captured = createMemoryHost({
      '/sys/bus/pci/devices/0000:00:01.0': link(device),
      [`${device}/driver_override`]: '(null)\n',
      [`${device}/iommu_group`]: link('/sys/kernel/iommu_groups/9'),
      '/sys/kernel/iommu_groups/9/devices': unreadable('not-captured'),
    })
    const path = '/sys/bus/pci/devices/0000:00:01.0/driver_override'
    const changes = [{ kind: 'write-attribute', path, value: 'vfio-pci', why: 'w', scope: 'runtime' }]
    const module = { id: 'm', version: '1.0.0' }
    const making = createPlan({ host: captured, module, options: {}, changes, by: 'test', now: new Date(0), owner })
    await expect(making).rejects.toMatchObject({
      code: 'JANUS_HOST_UNREADABLE',
      message: expect.stringContaining('/sys/kernel/iommu_groups/9/devices, which the captured host does not hold'),
      remedy: expect.stringContaining('janus snapshot'),
    })
  })

  it('rests on the bytes of a file that a change expects, and names the program of an opaque command as its subject', async () => {
    const value = createHash('sha256').update('old\n').digest('hex')
    const { facts, changes } = await plan({
      kind: 'run-command',
      command: '/etc/grub',
      args: [],
      timeout: 1000,
      opaque: true,
      expect: [{ kind: 'sha256', path: '/etc/grub', value }],
      undo: { none: 'nothing to undo' },
      why: 'w',
      scope: 'persistent',
    })
    expect(facts).toEqual([{ subject: '/etc/grub', name: 'sha256', path: '/etc/grub', read: 'sha256', value }])
    expect(changes.flatMap(subjectsOf)).toEqual(['/etc/grub'])
  })

  it('undoes a command by the files it says it rewrites', async () => {
    const command = {
      kind: 'run-command',
      command: '/bin/update',
      args: [],
      timeout: 1000,
      why: 'w',
      scope: 'persistent',
    }
    const { changes } = await plan({ ...command, outputs: ['/etc/grub', '/etc/new'] })
    expect(changes[0]?.undo).toMatchObject([
      { kind: 'write-file', path: '/etc/grub' },
      { kind: 'remove-file', path: '/etc/new' },
    ])
    await expect(plan(command)).rejects.toMatchObject({
      code: 'JANUS_CHANGE_REFUSED',
      message: expect.stringContaining('must state its undo'),
    })
  })

  it('gives the kernel as much time for writing the previous value back as for the change', async () => {
    const { changes } = await plan({
      kind: 'write-attribute',
      path: '/sys/kernel/mm/transparent_hugepage/enabled',
      from: 'madvise',
      value: 'never',
      timeout: 5000,
      why: 'w',
      scope: 'runtime',
    })
    expect(changes[0]).toMatchObject({ timeout: 5000, undo: [{ value: 'madvise', timeout: 5000 }] })
  })

  it('refuses an order to the kernel that does not state its undo', async () => {
    const order = {
      kind: 'write-attribute',
      path: '/sys/bus/pci/drivers/e1000e/unbind',
      value: '0000:01:00.0',
      why: 'w',
      scope: 'runtime',
    }
    await expect(plan(order)).rejects.toMatchObject({ code: 'JANUS_CHANGE_REFUSED' })
  })

  it('refuses what is not a change, and names the module and the change', async () => {
    await expect(plan({ kind: 'write-attribute' })).rejects.toMatchObject({
      code: 'JANUS_CHANGE_REFUSED',
      message: expect.stringContaining('change 1 of module m'),
    })
  })

  it('can be read back from JSON, and not when a single value was altered', async () => {
    const made = await plan({ kind: 'write-attribute', path: '/sys/kernel/a', value: '2', why: 'w', scope: 'runtime' })
    expect(readPlan(JSON.parse(JSON.stringify(made)))).toEqual(made)
    const forged = JSON.parse(JSON.stringify(made).replace('"value":"2"', '"value":"3"'))
    expect(() => readPlan(forged)).toThrow(/digest/)
    expect(readPlan({ ...made, made: { ...made.made, by: 'somebody else' } }).digest).toBe(made.digest)
  })
})
