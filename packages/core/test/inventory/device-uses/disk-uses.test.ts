import { describe, expect, test } from 'vitest'
import type { Query } from '../../../src/contract/query.js'
import { locationOf, pciFunction, type TreeEntry, treeHost } from '../support/tree.js'
import { inShort, queryWith, usesIn } from './support.js'

const NVME = '0000:01:00.0'
const disk = `${locationOf(NVME)}/nvme/nvme0/nvme0n1`

/** An NVMe disk with two partitions. */
const machine: Readonly<Record<string, TreeEntry>> = {
  ...pciFunction(NVME, '010802'),
  '/sys/class/block/nvme0n1': { link: disk },
  [`${disk}/dev`]: '259:0\n',
  ...partition(1),
  ...partition(2),
  '/proc/self/mountinfo': '1 0 0:5 / /proc rw - proc proc rw\n',
}

function partition(number: number): Record<string, TreeEntry> {
  const path = `${disk}/nvme0n1p${number}`
  return {
    [`/sys/class/block/nvme0n1p${number}`]: { link: path },
    [`${path}/dev`]: `259:${number}\n`,
    [`${path}/partition`]: `${number}\n`,
    [`/run/udev/data/b259:${number}`]: `E:ID_FS_TYPE=ext4\nE:ID_FS_UUID=uuid-${number}\nE:ID_FS_LABEL_ENC=My\\x20Disk${number}\nE:ID_PART_ENTRY_UUID=00000000-0000-0000-0000-00000000000${number}\n`,
  }
}

/** Something stacked on block devices. */
function stacked(name: string, number: string, below: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const path = `/sys/devices/virtual/block/${name}`
  const entries: Record<string, TreeEntry> = {
    [`/sys/class/block/${name}`]: { link: path },
    [`${path}/dev`]: `${number}\n`,
  }
  for (const lower of below) entries[`${lower}/holders/${name}`] = { link: path }
  for (const [attribute, text] of Object.entries(more)) entries[`${path}/${attribute}`] = `${text}\n`
  return entries
}

const uses = async (more: Readonly<Record<string, TreeEntry>>) =>
  (await usesIn(treeHost({ ...machine, ...more })))[NVME]
const short = async (more: Readonly<Record<string, TreeEntry>>) => inShort(await uses(more))

describe('a disk', () => {
  test('with data that nobody uses is worth a notice, with what udev found', async () => {
    const [only, ...others] = (await uses({})) ?? []
    expect(others).toEqual([])
    expect(only).toMatchObject({ kind: 'data', severity: 'notice', evidence: '/run/udev/data/b259:1' })
    expect(only?.summary).toContain('nvme0n1p2 (ext4)')
  })

  test('without partitions that udev does not know is asked what lies on it, and only then', async () => {
    const bare = {
      ...pciFunction(NVME, '010802'),
      '/sys/class/block/nvme0n1': { link: disk },
      [`${disk}/dev`]: '259:0\n',
    }
    const asked: unknown[] = []
    const query: Query = (name, input) => {
      if (name !== 'disk-signature') return queryWith([])(name, input)
      asked.push(input)
      return Promise.resolve({ available: true, signature: 'crypto_LUKS' } as never)
    }
    const [use] = (await usesIn(treeHost(bare), query))[NVME] ?? []
    expect(use).toMatchObject({ kind: 'data', severity: 'notice', evidence: '/dev/nvme0n1' })
    expect(use?.summary).toBe('nvme0n1 holds data: nvme0n1 (crypto_LUKS)')
    expect(asked).toEqual([{ name: 'nvme0n1', device: '259:0' }])
    await usesIn(treeHost({ ...bare, '/run/udev/data/b259:0': 'E:ID_SERIAL=x\n' }), query)
    await usesIn(treeHost(machine), query)
    expect(asked).toHaveLength(1)
  })

  test('that is empty is not used', async () => {
    const host = treeHost({
      ...pciFunction(NVME, '010802'),
      '/sys/class/block/nvme0n1': { link: disk },
      [`${disk}/dev`]: '259:0\n',
    })
    expect((await usesIn(host))[NVME]).toEqual([])
  })

  test('with a mounted partition is in use, whatever the mount point is called', async () => {
    const found = await uses({
      '/proc/self/mountinfo': '27 1 259:2 / /mnt/a\\040b rw shared:1 - ext4 /dev/nvme0n1p2 rw\n',
    })
    expect(found).toEqual([
      {
        kind: 'mount',
        severity: 'blocking',
        summary: '/dev/nvme0n1p2 is mounted on /mnt/a b',
        chain: ['nvme0n1', 'nvme0n1p2', '/mnt/a b'],
        evidence: '/proc/self/mountinfo',
      },
    ])
  })

  test('is followed through encryption and LVM to the mount', async () => {
    const found = await short({
      ...stacked('dm-0', '253:0', [`${disk}/nvme0n1p2`], { 'dm/name': 'luks', 'dm/uuid': 'CRYPT-LUKS2-abc-luks' }),
      ...stacked('dm-1', '253:1', ['/sys/devices/virtual/block/dm-0'], { 'dm/name': 'vg-root', 'dm/uuid': 'LVM-xyz' }),
      '/proc/self/mountinfo': '27 1 253:1 / / rw - ext4 /dev/mapper/vg-root rw\n',
    })
    expect(found).toEqual([
      'device-mapper blocking nvme0n1>nvme0n1p2>dm-0',
      'lvm blocking nvme0n1>nvme0n1p2>dm-0>dm-1',
      'mount blocking nvme0n1>nvme0n1p2>dm-0>dm-1>/',
    ])
  })

  test('in an array is in use, also when the array is idle', async () => {
    expect(await short(stacked('md127', '9:127', [disk]))).toEqual(['raid blocking nvme0n1>md127'])
  })

  test('with swap is in use, by path or by name of the volume', async () => {
    const header = 'Filename Type Size Used Priority\n'
    expect(await short({ '/proc/swaps': `${header}/dev/nvme0n1p1 partition 1 0 -2\n` })).toEqual([
      'swap blocking nvme0n1>nvme0n1p1>swap',
    ])
    const found = await short({
      ...stacked('dm-0', '253:0', [`${disk}/nvme0n1p2`], { 'dm/name': 'vg--a-swap', 'dm/uuid': 'LVM-x' }),
      '/proc/swaps': `${header}/dev/dm-0 partition 1 0 -2\n`,
    })
    expect(found).toContain('swap blocking nvme0n1>nvme0n1p2>dm-0>swap')
  })

  test.each([
    'UUID=uuid-2',
    'PARTUUID=00000000-0000-0000-0000-000000000002',
    'LABEL=My\\040Disk2',
    '/dev/nvme0n1p2',
    '/dev/disk/by-uuid/uuid-2',
  ])('named as %s by fstab is in use at the next boot', async (source) => {
    const found = await uses({ '/etc/fstab': `# x\n${source} /data ext4 defaults 0 2\n` })
    expect(found?.[0]).toMatchObject({
      kind: 'fstab',
      severity: 'blocking',
      evidence: '/etc/fstab',
      chain: ['nvme0n1', 'nvme0n1p2', '/data'],
    })
    expect(found?.[0]?.summary).toContain('line 2')
  })

  test('that fstab can do without is worth a notice', async () => {
    const found = await short({ '/etc/fstab': 'UUID=uuid-1 /data ext4 defaults,nofail 0 2\n' })
    expect(found).toContain('fstab notice nvme0n1>nvme0n1p1>/data')
  })

  test('is said once when fstab and the mount agree', async () => {
    const found = await short({
      '/etc/fstab': 'UUID=uuid-2 /data ext4 defaults 0 2\n',
      '/proc/self/mountinfo': '27 1 259:2 / /data rw - ext4 /dev/nvme0n1p2 rw\n',
    })
    expect(found).toEqual(['mount blocking nvme0n1>nvme0n1p2>/data'])
  })

  test('named by crypttab is in use, unless it is open already', async () => {
    expect(await short({ '/etc/crypttab': 'root UUID=uuid-2 none luks\n' })).toContain(
      'fstab blocking nvme0n1>nvme0n1p2>root',
    )
    const open = await short({
      ...stacked('dm-0', '253:0', [`${disk}/nvme0n1p2`], { 'dm/name': 'root', 'dm/uuid': 'CRYPT-x' }),
      '/etc/crypttab': 'root UUID=uuid-2 none luks\n',
    })
    expect(open).toEqual(['device-mapper blocking nvme0n1>nvme0n1p2>dm-0'])
  })

  test('that is a second member of a btrfs is mounted too', async () => {
    const found = await short({
      ...stacked('vdb', '254:16', []),
      '/sys/fs/btrfs/some-uuid/devices/vdb': { directory: true },
      '/sys/fs/btrfs/some-uuid/devices/nvme0n1p1': { directory: true },
      '/sys/fs/btrfs/features': { directory: true },
      '/proc/self/mountinfo': '27 1 0:31 /root / rw - btrfs /dev/vdb rw,subvol=/root\n',
    })
    expect(found).toEqual(['mount blocking nvme0n1>nvme0n1p1>/'])
  })

  test('behind a loop device is in use', async () => {
    const found = await short(stacked('loop0', '7:0', [], { 'loop/backing_file': '/dev/nvme0n1p1' }))
    expect(found).toContain('loop blocking nvme0n1>nvme0n1p1>loop0')
  })

  test('in an imported ZFS pool is in use, in an exported one it is data', async () => {
    const member = { '/run/udev/data/b259:1': 'E:ID_FS_TYPE=zfs_member\nE:ID_FS_LABEL=tank\n' }
    expect(await short({ ...member, '/proc/spl/kstat/zfs/tank': { directory: true } })).toEqual([
      'zfs blocking nvme0n1p1>tank',
    ])
    expect(await short({ ...member, '/proc/spl/kstat/zfs/other': { directory: true } })).toEqual([
      'data notice nvme0n1',
    ])
  })

  test('that the machine was started from is a boot medium', async () => {
    const uuid = [...'00000000-0000-0000-0000-000000000001'].map((character) => `${character}\0`).join('')
    const found = await short({
      '/sys/firmware/efi/efivars/LoaderDevicePartUUID-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f': `\x06\0\0\0${uuid}\0\0`,
    })
    expect(found).toContain('boot-medium blocking nvme0n1>nvme0n1p1')
  })

  test('behind a controller of its own domain is lost with the controller that makes the domain', async () => {
    const vmd = '0000:00:0e.0'
    const inner = `/sys/devices/pci0000:00/${vmd}/pci10000:e0/10000:e0:06.0/10000:e1:00.0`
    const nvme = `${inner}/nvme/nvme0/nvme0n1`
    const host = treeHost({
      [`/sys/bus/pci/devices/${vmd}`]: { link: `/sys/devices/pci0000:00/${vmd}` },
      [`/sys/devices/pci0000:00/${vmd}/class`]: '0x010400\n',
      '/sys/bus/pci/devices/10000:e0:06.0': { link: `/sys/devices/pci0000:00/${vmd}/pci10000:e0/10000:e0:06.0` },
      [`/sys/devices/pci0000:00/${vmd}/pci10000:e0/10000:e0:06.0/class`]: '0x060400\n',
      '/sys/bus/pci/devices/10000:e1:00.0': { link: inner },
      [`${inner}/class`]: '0x010802\n',
      '/sys/class/block/nvme0n1': { link: nvme },
      [`${nvme}/dev`]: '259:0\n',
      '/proc/self/mountinfo': '27 1 259:0 / /data rw - ext4 /dev/nvme0n1 rw\n',
    })
    const found = await usesIn(host)
    expect(inShort(found[vmd])).toEqual(['mount blocking nvme0n1>/data'])
    expect(inShort(found['10000:e1:00.0'])).toEqual(['mount blocking nvme0n1>/data'])
    expect(found['10000:e0:06.0']).toEqual([])
  })

  test('of several paths is found behind each of its controllers', async () => {
    const subsystem = '/sys/devices/virtual/nvme-subsystem/nvme-subsys0'
    const host = treeHost({
      ...pciFunction('0000:01:00.0', '010802'),
      ...pciFunction('0000:02:00.0', '010802'),
      '/sys/class/block/nvme0n1': { link: `${subsystem}/nvme0n1` },
      [`${subsystem}/nvme0n1/dev`]: '259:0\n',
      [`${subsystem}/nvme0`]: { link: `${locationOf('0000:01:00.0')}/nvme/nvme0` },
      [`${subsystem}/nvme1`]: { link: `${locationOf('0000:02:00.0')}/nvme/nvme1` },
      '/proc/self/mountinfo': '27 1 259:0 / /data rw - ext4 /dev/nvme0n1 rw\n',
    })
    const found = await usesIn(host)
    expect([inShort(found['0000:01:00.0']), inShort(found['0000:02:00.0'])]).toEqual([
      ['mount blocking nvme0n1>/data'],
      ['mount blocking nvme0n1>/data'],
    ])
  })

  test('whose holders form a ring does not hang the reader', async () => {
    const found = await short({
      ...stacked('dm-0', '253:0', [disk, '/sys/devices/virtual/block/dm-1']),
      ...stacked('dm-1', '253:1', ['/sys/devices/virtual/block/dm-0']),
    })
    expect(found.length).toBeGreaterThan(1)
  })
})
