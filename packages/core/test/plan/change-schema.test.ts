import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changeSchema, plannedChangeSchema } from '../../src/contract/change-schema.js'
import { changeArbitrary } from './change-arbitrary.js'

const CHANGE = {
  kind: 'write-attribute',
  path: '/sys/a',
  from: '0',
  value: '1',
  why: 'a reason',
  scope: 'runtime',
} as const
const accepts = (value: unknown): boolean => changeSchema.safeParse(value).success

describe('the schema of a change', () => {
  it('takes every well-formed change and returns it as it was, also through JSON', () => {
    fc.assert(
      fc.property(changeArbitrary, (change) => {
        const once = changeSchema.parse(JSON.parse(JSON.stringify(change)))
        expect(once).toEqual(JSON.parse(JSON.stringify(change)))
      }),
    )
  })

  it('takes a change into a plan only with its undo', () => {
    fc.assert(
      fc.property(changeArbitrary, (change) => {
        expect(plannedChangeSchema.safeParse(change).success).toBe('undo' in change && change.undo !== undefined)
      }),
    )
  })

  it('refuses any member it does not know, at any depth', () => {
    fc.assert(
      fc.property(changeArbitrary, fc.stringMatching(/^x[a-z]{3,8}$/), (change, member) => {
        expect(accepts({ ...change, [member]: true })).toBe(false)
      }),
    )
    expect(accepts({ ...CHANGE, verify: [{ kind: 'exists', path: '/sys/a', also: 'sh' }] })).toBe(false)
  })

  it('refuses anything that is not a change', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(accepts(value)).toBe(false)
      }),
    )
  })

  it.each([
    ['a relative path', { path: 'sys/a' }],
    ['a path that climbs', { path: '/sys/../etc/passwd' }],
    ['a path with a NUL byte', { path: '/sys/a\0b' }],
    ['a doubled slash', { path: '/sys//a' }],
    ['an attribute outside of /sys and /proc', { path: '/etc/passwd' }],
    ['a name that only begins like /sys', { path: '/sysadmin/a' }],
    ['an empty value, which the kernel would ignore', { value: '' }],
    ['an unknown kind', { kind: 'format-disk' }],
    ['no reason', { why: '' }],
    ['a reason that could forge a line', { why: 'one\ntwo' }],
    ['an unknown scope', { scope: 'eternal' }],
    ['an undo inside an undo', { undo: [{ ...CHANGE, undo: [] }] }],
  ])('refuses %s', (_, part) => {
    expect(accepts(CHANGE)).toBe(true)
    expect(accepts({ ...CHANGE, ...part })).toBe(false)
  })

  it('lets saved bytes be put back by an undo only', () => {
    const saved = {
      kind: 'write-file',
      path: '/etc/a',
      content: { saved: 'a'.repeat(64) },
      mode: 0o600,
      why: 'w',
      scope: 'persistent',
    }
    expect(accepts({ ...saved, content: { text: 'new' }, undo: [saved] })).toBe(true)
    expect(accepts({ ...saved, undo: [] })).toBe(false)
    expect(plannedChangeSchema.safeParse({ ...saved, undo: [] }).success).toBe(false)
  })

  it.each(['/proc/1/root/etc/a', '/proc/self/fd/3', '/proc/self', '/proc/thread-self/cwd/a'])(
    'refuses a path by way of a process, wherever it stands: %s',
    (path) => {
      const write = {
        kind: 'write-file',
        path: '/etc/a',
        content: { text: '' },
        mode: 0o600,
        why: 'w',
        scope: 'persistent',
      }
      for (const part of [{ path }, { verify: [{ kind: 'exists', path }] }, { undo: [{ ...write, path }] }]) {
        expect(accepts({ ...write, ...part })).toBe(false)
      }
      expect(accepts({ ...CHANGE, path })).toBe(false)
    },
  )

  it('takes attributes of the kernel beside those of processes', () => {
    for (const path of ['/proc/sys/vm/nr_hugepages', '/proc/irq/9/smp_affinity', '/proc/selfish'])
      expect(accepts({ ...CHANGE, path })).toBe(true)
  })

  it('refuses a kernel module name that modprobe would take for an option or a path', () => {
    const load = { kind: 'load-kernel-module', name: 'vfio-pci', why: 'a reason', scope: 'runtime' }
    expect(accepts(load)).toBe(true)
    for (const name of ['-r', '../evil', 'a b', '', 'a/b']) expect(accepts({ ...load, name })).toBe(false)
  })
})
