import { describe, expect, test } from 'vitest'
import type { Snapshot } from '../../src/contract/snapshot.js'
import { createSnapshotHost } from '../../src/host/index.js'

function hostOf(entries: Snapshot['entries']) {
  return createSnapshotHost({
    schema: 'janus.snapshot/1',
    capturedAt: '2026-01-01T00:00:00.000Z',
    janusVersion: '0.1.0',
    masked: true,
    entries,
    queries: {},
  })
}

describe('a snapshot', () => {
  const device = '/sys/devices/pci0000:00/0000:00:02.0'
  const host = hostOf({
    '/sys/bus/pci/devices/0000:00:02.0': { link: device },
    [device]: { names: ['vendor', 'class', 'driver', 'config'] },
    [`${device}/vendor`]: { text: '0x8086\n' },
    [`${device}/class`]: { unreadable: 'timeout' },
    [`${device}/driver`]: { link: '../../../bus/pci/drivers/i915' },
    '/etc/crypttab': { absent: true },
    '/dev/kvm': { device: '10:232', type: 'character-device', mode: 0o660, uid: 0, gid: 104 },
  })

  test('answers through its links', async () => {
    expect(await host.readText('/sys/bus/pci/devices/0000:00:02.0/vendor')).toEqual({ value: '0x8086\n' })
    expect((await host.readBytes(`${device}/vendor`)).value).toEqual(Buffer.from('0x8086\n'))
    expect(await host.readLink(`${device}/driver`)).toEqual({ value: '/sys/bus/pci/drivers/i915' })
    expect(await host.readLink(device)).toEqual({})
  })

  test('has directories where something lies in them', async () => {
    expect(await host.list('/sys/bus/pci/devices')).toEqual({ value: ['0000:00:02.0'] })
    expect(await host.list('/')).toEqual({ value: ['dev', 'etc', 'sys'] })
    expect((await host.stat('/sys/bus')).value?.type).toBe('directory')
  })

  test('shows absence where a directory was listed or the path looked for', async () => {
    expect(await host.readText(`${device}/boot_vga`)).toEqual({})
    expect(await host.readText(`${device}/power/control`)).toEqual({})
    expect(await host.readText('/etc/crypttab')).toEqual({})
    expect(await host.exists('/etc/crypttab')).toBe(false)
    expect(await host.list('/etc')).toEqual({ value: [] })
  })

  test('does not know what it says nothing about', async () => {
    expect(await host.readText('/proc/cmdline')).toEqual({ unreadable: 'not-captured' })
    expect(await host.readText('/etc/fstab')).toEqual({ unreadable: 'not-captured' })
    expect(await host.readText(`${device}/config`)).toEqual({ unreadable: 'not-captured' })
    expect(await host.exists('/proc/cmdline')).toBe(false)
  })

  test('knows that something is there although it holds nothing of it', async () => {
    expect(await host.exists(`${device}/config`)).toBe(true)
    expect(await host.exists(`${device}/class`)).toBe(true)
  })

  test('repeats why something could not be read', async () => {
    expect(await host.readText(`${device}/class`)).toEqual({ unreadable: 'timeout' })
  })

  test('tells device nodes with their owner and mode', async () => {
    expect(await host.stat('/dev/kvm')).toEqual({
      value: { type: 'character-device', device: '10:232', mode: 0o660, uid: 0, gid: 104, size: 0 },
    })
  })

  test('ends loops and links that climb out', async () => {
    const hostile = hostOf({ '/a': { link: '/b' }, '/b': { link: '/a' }, '/up': { link: '../../x' } })
    expect(await hostile.readText('/a')).toEqual({ unreadable: 'error' })
    expect(await hostile.readText('/up')).toEqual({ unreadable: 'outside-root' })
  })
})
