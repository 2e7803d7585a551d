import { describe, expect, it } from 'vitest'
import {
  createMemoryHost,
  createMemoryLogger,
  deviceNode,
  emptyDirectory,
  file,
  link,
  unreadable,
} from '../../src/testing/index.js'

describe('a memory host', () => {
  const host = createMemoryHost({
    etc: { hostname: 'lab\n', 'motd.d': emptyDirectory({ mode: 0o750, uid: 5 }) },
    '/sys/devices/a/name': 'a',
    '/sys/bus/a': link('../devices/a'),
    '/sys/loop': link('loop'),
    '/dev/kvm': deviceNode('character-device', '10:232', { mode: 0o660, gid: 106 }),
    '/root/key': unreadable('denied'),
    '/bin/tool': file(Uint8Array.of(0xff, 0), { mode: 0o4755 }),
  })

  it('takes nested objects and whole paths', async () => {
    expect(await host.readText('/etc/hostname')).toEqual({ value: 'lab\n' })
    expect(await host.list('/sys')).toEqual({ value: ['bus', 'devices', 'loop'] })
    expect(await host.list('/etc/motd.d')).toEqual({ value: [] })
  })

  it('follows links, one hop when asked for the link', async () => {
    expect(await host.readText('/sys/bus/a/name')).toEqual({ value: 'a' })
    expect(await host.readText('/sys/bus/a/../a/name')).toEqual({ value: 'a' })
    expect(await host.readLink('/sys/bus/a')).toEqual({ value: '/sys/devices/a' })
    expect(await host.readLink('/etc/hostname')).toEqual({})
    expect(await host.exists('/sys/loop')).toBe(false)
  })

  it('tells nothing there from not to be read', async () => {
    expect(await host.readText('/nowhere')).toEqual({})
    expect(await host.readText('/etc/hostname/x')).toEqual({})
    expect(await host.readText('/root/key')).toEqual({ unreadable: 'denied' })
    expect(await host.readText('/etc')).toEqual({ unreadable: 'error' })
    expect(await host.list('/etc/hostname')).toEqual({})
    expect(await host.exists('/root/key')).toBe(false)
  })

  it('has modes, owners, sizes and device numbers', async () => {
    expect(await host.stat('/dev/kvm')).toMatchObject({
      value: { type: 'character-device', mode: 0o660, gid: 106, device: '10:232' },
    })
    expect(await host.stat('/bin/tool')).toMatchObject({ value: { type: 'file', mode: 0o4755, size: 2 } })
    expect(await host.stat('/etc/motd.d')).toMatchObject({ value: { type: 'directory', mode: 0o750, uid: 5 } })
    expect(await host.readBytes('/bin/tool')).toEqual({ value: Uint8Array.of(0xff, 0) })
  })

  it('reads text that is too large as such', async () => {
    const large = createMemoryHost({ '/large': 'x'.repeat(1_048_577) })
    expect(await large.readText('/large')).toEqual({ unreadable: 'too-large' })
    expect((await large.readBytes('/large')).value).toHaveLength(1_048_577)
  })
})

describe('a memory logger', () => {
  it('keeps every line with the fields of the loggers it came through', () => {
    const log = createMemoryLogger()
    log.child({ module: 'a', step: 1 }).child({ step: 2 }).warn('careful', { path: '/x' })
    log.info('done')
    expect(log.entries).toEqual([
      { level: 'warn', message: 'careful', fields: { module: 'a', step: 2, path: '/x' } },
      { level: 'info', message: 'done', fields: {} },
    ])
  })
})
