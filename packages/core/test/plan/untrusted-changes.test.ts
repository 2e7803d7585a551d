import { createMemoryHost, file } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { createPlan } from '../../src/plan/create-plan.js'

const host = createMemoryHost({
  '/etc/motd': file('hello\n', { mode: 0o644 }),
  '/sys/kernel/a': '1\n',
  '/proc/sys/kernel/core_pattern': 'core\n',
})
const common = { why: 'w', scope: 'runtime' } as const

function planOf(change: object, trusted: boolean) {
  return createPlan({
    host,
    module: { id: 'fans', version: '1.0.0' },
    options: {},
    changes: [{ ...common, ...change }],
    by: 'test',
    now: new Date(0),
    owner: { uid: 0, gid: 0 },
    trusted,
  })
}

describe('a plan of a module that is not trusted', () => {
  it.each([
    [
      'a command',
      { kind: 'run-command', command: '/bin/true', args: [], env: {}, timeout: 1_000, undo: { none: 'x' } },
    ],
    ['a kernel module', { kind: 'load-kernel-module', name: 'vfio-pci' }],
    ['a file that cron reads', { kind: 'write-file', path: '/etc/cron.d/x', content: { text: 'x' }, mode: 0o644 }],
    ['a set-uid file', { kind: 'write-file', path: '/srv/x', content: { text: 'x' }, mode: 0o4755 }],
    [
      'an attribute that names a program',
      { kind: 'write-attribute', path: '/proc/sys/kernel/core_pattern', value: '|/x' },
    ],
    [
      'an undo that is a command',
      {
        kind: 'write-attribute',
        path: '/sys/kernel/a',
        value: '2',
        undo: [{ ...common, kind: 'run-command', command: '/bin/true', args: [], env: {}, timeout: 1_000 }],
      },
    ],
  ])('refuses %s, and takes it once the module is trusted', async (_, change) => {
    await expect(planOf(change, false)).rejects.toMatchObject({
      code: 'JANUS_MODULE_UNTRUSTED',
      module: 'fans',
      remedy: expect.stringContaining('janus module trust fans'),
    })
    expect((await planOf(change, true)).changes).toHaveLength(1)
  })

  it('takes what becomes nobody`s code', async () => {
    const change = { kind: 'write-attribute', path: '/sys/kernel/a', value: '2' }
    expect((await planOf(change, false)).changes).toHaveLength(1)
    const text = { kind: 'write-file', path: '/etc/motd', content: { text: 'x' }, mode: 0o644 }
    expect((await planOf(text, false)).changes).toHaveLength(1)
  })
})
