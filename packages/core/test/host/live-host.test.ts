import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Reading } from '../../src/contract/host.js'
import { createLiveHost, deviceNumber } from '../../src/host/index.js'
import { treeHost, writeTree } from '../inventory/support/tree.js'

describe('a tree', () => {
  const machine = {
    '/sys/devices/pci0000:00/0000:00:02.0/vendor': '0x8086\n',
    '/sys/bus/pci/devices/0000:00:02.0': { link: '../../../devices/pci0000:00/0000:00:02.0' },
    '/sys/class/drm/card0/device': { link: '/sys/bus/pci/devices/0000:00:02.0' },
  } as const

  test('is read through its links', async () => {
    const host = treeHost(machine)
    expect(host.kind).toBe('tree')
    expect(await host.readText('/sys/bus/pci/devices/0000:00:02.0/vendor')).toEqual({ value: '0x8086\n' })
    expect(await host.readLink('/sys/bus/pci/devices/0000:00:02.0')).toEqual({
      value: '/sys/devices/pci0000:00/0000:00:02.0',
    })
    expect(await host.list('/sys/bus/pci/devices')).toEqual({ value: ['0000:00:02.0'] })
    expect(await host.exists('/sys/bus/pci/devices/0000:00:02.0')).toBe(true)
  })

  test('takes an absolute link as relative to its root', async () => {
    const host = treeHost(machine)
    expect(await host.readText('/sys/class/drm/card0/device/vendor')).toEqual({ value: '0x8086\n' })
    expect(await host.readLink('/sys/class/drm/card0/device')).toEqual({ value: '/sys/bus/pci/devices/0000:00:02.0' })
  })

  test('does not let a link lead out of it', async () => {
    const host = treeHost({
      '/etc/up': { link: '../../../../../../etc/passwd' },
      '/etc/abs': { link: '/etc/passwd' },
      '/etc/dir': { link: '../../../../../../../..' },
    })
    expect(await host.readText('/etc/up')).toEqual({ unreadable: 'outside-root' })
    expect(await host.readLink('/etc/up')).toEqual({ unreadable: 'outside-root' })
    expect(await host.readText('/etc/dir/etc/passwd')).toEqual({ unreadable: 'outside-root' })
    expect(await host.exists('/etc/up')).toBe(false)
    expect(await host.readText('/etc/abs')).toEqual({})
    expect(await host.readText('/../../../../etc/passwd')).toEqual({})
  })

  test('ends a loop of links with an error', async () => {
    const host = treeHost({ '/a': { link: 'b' }, '/b': { link: 'a' } })
    expect(await host.readText('/a')).toEqual({ unreadable: 'error' })
    expect(await host.exists('/a')).toBe(false)
  })

  test('tells what is absent from what was not captured', async () => {
    const host = treeHost({ '/proc/cpuinfo': '', '/etc/fstab': '' })
    expect(await host.readText('/proc/cmdline')).toEqual({})
    expect(await host.readText('/etc/modprobe.d/x.conf')).toEqual({})
    expect(await host.list('/sys/kernel/iommu_groups')).toEqual({ unreadable: 'not-captured' })
  })

  test('gives nothing for the link of a file and for the names in one', async () => {
    const host = treeHost({ '/etc/fstab': 'x' })
    expect(await host.readLink('/etc/fstab')).toEqual({})
    expect(await host.list('/etc/fstab')).toEqual({})
    expect(await host.readText('/etc')).toEqual({ unreadable: 'error' })
    expect(await host.readText('/etc/fstab/x')).toEqual({})
  })

  test('gives a dangling link, but nothing behind it', async () => {
    const host = treeHost({ '/sys/x/iommu_group': { link: '../kernel/iommu_groups/7' } })
    expect(await host.readLink('/sys/x/iommu_group')).toEqual({ value: '/sys/kernel/iommu_groups/7' })
    expect(await host.exists('/sys/x/iommu_group')).toBe(false)
  })

  test('keeps texts to 1 MiB and bytes to 16', async () => {
    const host = treeHost({ '/etc/large': 'x'.repeat(1024 * 1024 + 1), '/etc/full': 'x'.repeat(1024 * 1024) })
    expect(await host.readText('/etc/large')).toEqual({ unreadable: 'too-large' })
    expect((await host.readBytes('/etc/large')).value).toHaveLength(1024 * 1024 + 1)
    expect((await host.readText('/etc/full')).value).toHaveLength(1024 * 1024)
  })

  test('replaces bytes that are not UTF-8', async () => {
    const root = writeTree({ '/etc/x': '' })
    writeFileSync(join(root, 'etc/x'), Buffer.from([0x61, 0xff, 0x62]))
    const host = createLiveHost({ root })
    expect(await host.readText('/etc/x')).toEqual({ value: 'a\ufffdb' })
    expect((await host.readBytes('/etc/x')).value).toEqual(Buffer.from([0x61, 0xff, 0x62]))
  })

  test('tells modes and sizes', async () => {
    const root = writeTree({ '/etc/x': 'abc' })
    chmodSync(join(root, 'etc/x'), 0o640)
    expect((await createLiveHost({ root }).stat('/etc/x')).value).toMatchObject({ type: 'file', mode: 0o640, size: 3 })
  })
})

describe('the machine itself', () => {
  const live = createLiveHost()

  test('is read where the kernel says that files are empty', async () => {
    expect(live.kind).toBe('live')
    expect((await live.readText('/proc/self/status')).value).toContain('Name:')
    expect(await live.readText('/proc/no-such-file')).toEqual({})
  })

  test('tells device numbers', async () => {
    expect((await live.stat('/dev/null')).value).toMatchObject({ type: 'character-device', device: '1:3' })
  })

  test('never opens a device to read it as text', async () => {
    expect(await live.readText('/dev/zero')).toEqual({ unreadable: 'error' })
  })

  test('reads attributes that can hang in the way it was given, under every path', async () => {
    const asked: string[] = []
    const readHanging = async (path: string): Promise<Reading<string>> => {
      asked.push(path)
      return { unreadable: 'timeout' }
    }
    const host = createLiveHost({ readHanging })
    const paths = [
      '/sys/bus/pci/devices/0000:00:00.0/driver_override',
      '/sys/kernel/iommu_groups/1/devices/0000:00:00.0/driver_override',
      '/sys//class/net/eth0/device/sriov_numvfs',
    ]
    for (const path of paths) {
      expect(await host.readText(path)).toEqual({ unreadable: 'timeout' })
      expect(await host.readBytes(path)).toEqual({ unreadable: 'timeout' })
    }
    expect(new Set(asked)).toEqual(new Set(paths.map((path) => path.replace('//', '/'))))
    expect((await host.readText('/proc/version')).value).toBeDefined()
  })
})

test('device numbers are split as glibc does, also beyond eight bits', () => {
  expect(deviceNumber(0x0103)).toBe('1:3')
  expect(deviceNumber(Number((259n << 8n) & 0xfff00n) + 5)).toBe('259:5')
  expect(deviceNumber(Number((300n & 0xffn) | ((300n & ~0xffn) << 12n)) + 0x800)).toBe('8:300')
})
