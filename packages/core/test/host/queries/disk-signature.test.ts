import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findSignature, readDiskSignature } from '../../../src/host/queries/disk-signature.js'

describe('the signature on a disk', () => {
  let image: string
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'janus-signature-'))
    image = join(folder, 'image')
    writeFileSync(image, '')
    truncateSync(image, 2 ** 24)
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it.each([
    ['ext', 'mkfs.ext4', ['-q', '-F']],
    ['swap', 'mkswap', []],
  ])('is found where the tool that makes it put it: %s', (signature, tool, args) => {
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }
    expect(spawnSync(tool, [...args, image], { env }).status).toBe(0)
    expect(findSignature(readFileSync(image))).toBe(signature)
  })

  it.each([
    ['crypto_LUKS', 0, 'LUKS\xba\xbe\x00\x02'],
    ['xfs', 0, 'XFSB\x00\x00\x10\x00'],
    ['btrfs', 0x10040, '_BHRfS_M'],
    ['LVM2_member', 0x218, 'LVM2 001'],
    ['linux_raid_member', 0x1000, '\xfc\x4e\x2b\xa9\x01\x00\x00\x00'],
    ['ntfs', 3, 'NTFS    '],
    ['vfat', 0x52, 'FAT32   '],
    ['zfs_member', 0x21000, '\x0c\xb1\xba\x00\x00\x00\x00\x00'],
    ['zfs_member', 0x3fc00, '\x00\x00\x00\x00\x00\xba\xb1\x0c'],
    ['gpt', 0x200, 'EFI PART'],
  ])('is known by its place and bytes: %s', (signature, offset, magic) => {
    const bytes = Buffer.alloc(2 ** 18)
    expect(findSignature(bytes)).toBeNull()
    bytes.write(magic, offset, 'latin1')
    expect(findSignature(bytes)).toBe(signature)
    expect(findSignature(bytes.subarray(0, offset + 1))).not.toBe(signature)
  })

  it('is looked for in anything without an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 8192 }), (bytes) => {
        expect(['string', 'object']).toContain(typeof findSignature(Buffer.from(bytes)))
      }),
    )
  })

  it('is read from block devices by the number that is meant, and from nothing else', () => {
    for (const [name, device] of [
      ['null', '1:3'],
      ['absent', '8:0'],
      ['..!etc!passwd', '8:0'],
      ['a/b', '8:0'],
    ] as const)
      expect(readDiskSignature(name, device)).toMatchObject({ available: false })
  })
})
