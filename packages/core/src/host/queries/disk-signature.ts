import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import type { QueryAnswer } from '../../contract/query.js'
import { deviceNumber } from '../live-host.js'

const KIB = 1024
const READ_BYTES = 256 * KIB

type Signature = readonly [name: string, offset: number, magic: string]

/** Where file systems and volume managers put their names, as latin1 text (util-linux, libblkid/src/superblocks). */
const SIGNATURES: readonly Signature[] = [
  ['crypto_LUKS', 0, 'LUKS\xba\xbe'],
  ['xfs', 0, 'XFSB'],
  ['linux_raid_member', 0, '\xfc\x4e\x2b\xa9'],
  ['linux_raid_member', 4 * KIB, '\xfc\x4e\x2b\xa9'],
  ['bcache', 4 * KIB + 24, '\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81'],
  ['ext', 0x438, '\x53\xef'],
  ['f2fs', KIB, '\x10\x20\xf5\xf2'],
  ['btrfs', 64 * KIB + 0x40, '_BHRfS_M'],
  ['swap', 4 * KIB - 10, 'SWAPSPACE2'],
  ['swap', 16 * KIB - 10, 'SWAPSPACE2'],
  ['swap', 64 * KIB - 10, 'SWAPSPACE2'],
  ...[0, 1, 2, 3].map((sector): Signature => ['LVM2_member', sector * 512 + 24, 'LVM2 001']),
  ['ntfs', 3, 'NTFS    '],
  ['exfat', 3, 'EXFAT   '],
  ['BitLocker', 3, '-FVE-FS-'],
  ['vfat', 0x36, 'FAT1'],
  ['vfat', 0x52, 'FAT32   '],
  ['iso9660', 32 * KIB + 1, 'CD001'],
  ['gpt', 512, 'EFI PART'],
  ['gpt', 4 * KIB, 'EFI PART'],
]

/** Uberblocks of a ZFS label, one of which is in use: each begins with the magic number in the byte order of its writer. */
const ZFS_MAGIC = ['\x0c\xb1\xba\x00\x00\x00\x00\x00', '\x00\x00\x00\x00\x00\xba\xb1\x0c']

/** Which signature the first bytes of a disk carry, by libblkid's names; null when it is none that is known. */
export function findSignature(bytes: Buffer): string | null {
  const has = (offset: number, magic: string): boolean =>
    bytes.toString('latin1', offset, offset + magic.length) === magic
  const known = SIGNATURES.find(([, offset, magic]) => has(offset, magic))
  if (known !== undefined) return known[0]
  for (let offset = 128 * KIB; offset < READ_BYTES; offset += KIB) {
    if (ZFS_MAGIC.some((magic) => has(offset, magic))) return 'zfs_member'
  }
  return null
}

/**
 * Reads the beginning of a disk and says what lies on it. Opens it for reading only, which changes nothing on it.
 * @param name kernel name: `nvme0n1`, `cciss!c0d0`
 * @param device `major:minor` that it must have
 */
export function readDiskSignature(name: string, device: string): QueryAnswer<'disk-signature'> {
  const path = `/dev/${name.replaceAll('!', '/')}`
  if (!/^[\w!.-]+$/.test(name) || name.split('!').includes('..'))
    return { available: false, reason: `${JSON.stringify(name)} is no name of a disk` }
  try {
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    try {
      const stats = fstatSync(descriptor)
      if (!stats.isBlockDevice() || deviceNumber(stats.rdev) !== device)
        return { available: false, reason: `${path} is not the block device ${device}` }
      const bytes = Buffer.alloc(READ_BYTES)
      return {
        available: true,
        signature: findSignature(bytes.subarray(0, readSync(descriptor, bytes, 0, READ_BYTES, 0))),
      }
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    return { available: false, reason: `${path}: ${(error as NodeJS.ErrnoException).code ?? String(error)}` }
  }
}
