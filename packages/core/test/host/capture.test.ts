import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Host } from '../../src/contract/host.js'
import { createAddressMask } from '../../src/host/capture/address-mask.js'
import { expandBraces } from '../../src/host/capture/expand-pattern.js'
import { captureSnapshot, createLiveHost, createQuery, createSnapshotHost } from '../../src/host/index.js'
import { parseSnapshot } from '../../src/host/read-snapshot.js'
import { readInventory, readKernelModules } from '../../src/inventory/index.js'
import { queryWith } from '../inventory/device-uses/support.js'
import { locationOf, pciFunction, treeHost } from '../inventory/support/tree.js'

const SETTINGS = { now: new Date('2026-01-02T03:04:05Z'), janusVersion: '0.1.0' }
const NVME = '0000:01:00.0'
const NIC = '0000:02:00.0'
const disk = `${locationOf(NVME)}/nvme/nvme0/nvme0n1`
const UUID = 'c5a9f1de-7b62-4c0e-9f53-0a1b2c3d4e5f'
const TYPE = 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b'
const dm = '/sys/devices/virtual/block/dm-0'
const nic = `${locationOf(NIC)}/net/enx02deadbeef01`

/** A machine full of what identifies it. */
const machine = {
  ...pciFunction(NVME, '010802', {
    driver: { link: '/sys/bus/pci/drivers/nvme' },
    iommu_group: { link: '/sys/kernel/iommu_groups/4' },
  }),
  ...pciFunction(NIC, '020000', { driver_override: '(null)\n' }),
  [`/sys/kernel/iommu_groups/4/devices/${NVME}`]: { link: locationOf(NVME) },
  '/sys/class/iommu/dmar0': { link: '../../devices/virtual/iommu/dmar0' },
  '/sys/class/block/nvme0n1': { link: disk },
  [`${disk}/dev`]: '259:0\n',
  [`${disk}/serial`]: 'S4NX-SERIAL\n',
  [`${disk}/holders/dm-0`]: { link: dm },
  '/sys/class/block/dm-0': { link: dm },
  [`${dm}/dev`]: '253:0\n',
  [`${dm}/dm/name`]: 'secretvg-home\n',
  [`${dm}/dm/uuid`]: 'LVM-VeryPrivateUuid\n',
  '/run/udev/data/b259:0': `S:disk/by-id/nvme-S4NX-SERIAL\nE:ID_SERIAL=S4NX-SERIAL\nE:ID_FS_TYPE=LVM2_member\nE:ID_FS_UUID=${UUID}\nE:ID_PART_ENTRY_TYPE=${TYPE}\nE:ID_FS_LABEL=PrivateLabel\n`,
  '/proc/self/mountinfo':
    '27 1 253:0 / /home/alice rw - ext4 /dev/mapper/secretvg-home rw\n28 1 0:40 / /srv rw - nfs4 files.example.org:/export rw,addr=192.0.2.77\n29 1 0:41 / /var/merged rw - overlay overlay rw,lowerdir=/srv/customer-project/lower,upperdir=/srv/customer-project/upper,workdir=/srv/customer-project/work\n',
  '/etc/fstab': `# written by alice\nUUID=${UUID} /boot ext4 defaults 0 2\nLABEL=PrivateLabel /x ext4 noauto\n/dev/secretvg/home /home/alice ext4 defaults\n//cifs.example.org/share /mnt cifs username=alice,password=hunter2\n`,
  '/proc/cmdline': `BOOT_IMAGE=/vmlinuz root=UUID=${UUID} rd.luks.uuid=luks-${UUID} ip=192.0.2.9::192.0.2.1:255.255.255.0:workstation7 rd.iscsi.password=hunter2 intel_iommu=on\n`,
  '/proc/sys/kernel/hostname': 'workstation7\n',
  '/proc/sys/kernel/osrelease': '6.1.0\n',
  '/sys/class/net/enx02deadbeef01': { link: nic },
  [`${nic}/uevent`]: 'INTERFACE=enx02deadbeef01\n',
  [`${nic}/address`]: '02:de:ad:be:ef:01\n',
  '/proc/net/route':
    'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\nenx02deadbeef01\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\nenx02deadbeef01\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\n',
  '/proc/net/tcp': '  sl  local rem   st\n   0: 090200C0:0016 4D0200C0:C350 01\n   1: 090200C0:01BB 00000000:0000 0A\n',
  '/proc/net/if_inet6': '20010db8000000000000000000000009 02 40 00 80 enx02deadbeef01\n',
  '/proc/modules': 'nvme 1 0 - Live 0x0\n',
  '/lib/modules/6.1.0/modules.dep': 'kernel/drivers/vfio/pci/vfio-pci.ko.xz: kernel/drivers/vfio/vfio.ko.xz\n',
  '/lib/modules/6.1.0/modules.alias': 'alias pci:v1 x\nalias vfio_pci:v*d* vfio_pci\n',
} as const

const PRIVATE = [
  'customer-project',
  'S4NX',
  'secretvg',
  'VeryPrivate',
  'PrivateLabel',
  'alice',
  UUID,
  'example.org',
  'workstation7',
  'hunter2',
  '192.0.2',
  '00C0:',
  '02deadbeef01',
  '02:de:ad',
  '20010db8000000000000000000000009',
]

const read = async (host: Host) => {
  const inventory = await readInventory(host, queryWith([]))
  return { ...inventory, host: '' }
}

describe('a capture', () => {
  test('unmasked gives the inventory of the host', async () => {
    const tree = treeHost(machine)
    const snapshot = await captureSnapshot(tree, queryWith([]), { ...SETTINGS, mask: false })
    const host = createSnapshotHost(parseSnapshot(JSON.parse(JSON.stringify(snapshot))))
    expect(snapshot).toMatchObject({
      schema: 'janus.snapshot/1',
      capturedAt: '2026-01-02T03:04:05.000Z',
      masked: false,
    })
    expect(await read(host)).toEqual(await read(tree))
    expect((await readKernelModules(host)).state('vfio-pci')).toBe('available')
  })

  test('masked gives the same devices, groups and kinds of use, and nothing that identifies the machine', async () => {
    const tree = treeHost(machine)
    const snapshot = await captureSnapshot(tree, queryWith([]), { ...SETTINGS, salt: 'fixed' })
    const text = JSON.stringify(snapshot)
    for (const word of PRIVATE) expect(text, word).not.toContain(word)
    const [own, masked] = [await read(tree), await read(createSnapshotHost(parseSnapshot(JSON.parse(text))))]
    const kinds = ({ devices }: typeof own) =>
      devices.map(({ address, uses }) => [
        address,
        uses.map(({ kind, severity, chain }) => [kind, severity, chain.length]),
      ])
    expect(kinds(masked)).toEqual(kinds(own))
    expect(kinds(own).flat(3)).toEqual(
      expect.arrayContaining(['mount', 'lvm', 'fstab', 'default-route', 'session', 'network-root']),
    )
    expect({ ...masked, devices: masked.devices.map(({ uses, ...device }) => device) }).toEqual({
      ...own,
      devices: own.devices.map(({ uses, ...device }) => device),
    })
  })

  test('masked gives the same word the same token wherever it stands, so that chains still join', async () => {
    const { entries } = await captureSnapshot(treeHost(machine), queryWith([]), SETTINGS)
    const tokensIn = (path: string, pattern: RegExp) => new Set(JSON.stringify(entries[path]).match(pattern))
    const uuids = ['/run/udev/data/b259:0', '/etc/fstab', '/proc/cmdline'].map((path) =>
      tokensIn(path, /0{8}-[0-9a-f-]{27}/g),
    )
    expect(uuids[0]?.size).toBe(1)
    expect(uuids[1]).toEqual(uuids[0])
    expect(uuids[2]).toEqual(uuids[0])
    const volumes = [`${dm}/dm/name`, '/etc/fstab', '/proc/self/mountinfo'].map((path) => tokensIn(path, /volume-\d+/g))
    expect(volumes).toEqual([new Set(['volume-1']), new Set(['volume-1']), new Set(['volume-1'])])
  })

  test('keeps what is not private: partition types, kernel parameters, boot id', async () => {
    const { entries } = await captureSnapshot(
      treeHost({ ...machine, '/proc/sys/kernel/random/boot_id': `${UUID}\n` }),
      queryWith([]),
      SETTINGS,
    )
    expect(JSON.stringify(entries['/run/udev/data/b259:0'])).toContain(TYPE)
    expect(entries['/proc/cmdline']).toMatchObject({ text: expect.stringContaining('intel_iommu=on') })
    expect(entries['/proc/sys/kernel/random/boot_id']).toEqual({ text: `${UUID}\n` })
  })

  test('reads the allow-list and nothing else', async () => {
    const snapshot = await captureSnapshot(
      treeHost({ ...machine, '/etc/shadow': 'x', '/root/.ssh/id': 'x', '/proc/1/environ': 'x' }),
      queryWith([]),
      { ...SETTINGS, mask: false },
    )
    const paths = Object.keys(snapshot.entries)
    expect(paths.filter((path) => /shadow|\.ssh|environ|serial|\/address$/.test(path))).toEqual([])
  })

  test('tells what is absent from what nobody looked for', async () => {
    const host = createSnapshotHost(await captureSnapshot(treeHost(machine), queryWith([]), SETTINGS))
    expect(await host.readText('/etc/crypttab')).toEqual({})
    expect(await host.list('/etc/modprobe.d')).toEqual({})
    expect(await host.readText(`/sys/bus/pci/devices/${NVME}/boot_vga`)).toEqual({})
    expect(await host.readText('/etc/shadow')).toEqual({ unreadable: 'not-captured' })
  })

  test('keeps why an attribute could not be read', async () => {
    const tree = treeHost(machine)
    const stuck: Host = {
      ...tree,
      readBytes: async (path) => (path.endsWith('driver_override') ? { unreadable: 'timeout' } : tree.readBytes(path)),
    }
    const host = createSnapshotHost(await captureSnapshot(stuck, queryWith([]), SETTINGS))
    expect(await host.readText(`/sys/bus/pci/devices/${NIC}/driver_override`)).toEqual({ unreadable: 'timeout' })
  })

  test('with the same salt is the same, byte for byte', async () => {
    const tree = treeHost(machine)
    const capture = () => captureSnapshot(tree, queryWith([]), { ...SETTINGS, salt: 'a' })
    expect(JSON.stringify(await capture())).toBe(JSON.stringify(await capture()))
  })

  test('of this machine carries the answers to the queries', async () => {
    const host = createLiveHost()
    const snapshot = await captureSnapshot(host, createQuery(host, { env: process.env }), SETTINGS)
    const own = createQuery(createSnapshotHost(parseSnapshot(JSON.parse(JSON.stringify(snapshot)))), { env: {} })
    expect(await own('identity', {})).toMatchObject({ available: true, uid: process.getuid?.() })
    expect(await own('program', { name: 'modprobe' })).toMatchObject({ available: true })
  })

  test('can be captured again', async () => {
    const settings = { ...SETTINGS, mask: false }
    const first = await captureSnapshot(treeHost(machine), queryWith([]), settings)
    const second = await captureSnapshot(createSnapshotHost(first), queryWith([]), settings)
    expect(await read(createSnapshotHost(second))).toEqual(await read(createSnapshotHost(first)))
  })
})

describe('masked addresses', () => {
  const mask = createAddressMask('salt')
  const ipv4 = fc
    .tuple(fc.integer({ min: 1, max: 223 }), fc.nat(255), fc.nat(255), fc.nat(255))
    .filter(([first]) => first !== 127)
  const common = (a: string, b: string) => {
    const bits = (text: string) =>
      text
        .split('.')
        .map((part) => Number(part).toString(2).padStart(8, '0'))
        .join('')
    const [left, right] = [bits(a), bits(b)]
    return [...left].findIndex((bit, index) => bit !== right[index])
  }

  test('share a prefix exactly as long as the true ones', () => {
    fc.assert(
      fc.property(ipv4, ipv4, (a, b) => {
        expect(common(mask.written(a.join('.')), mask.written(b.join('.')))).toBe(common(a.join('.'), b.join('.')))
      }),
    )
  })

  test('are the same written and in the kernel’s hex', () => {
    fc.assert(
      fc.property(ipv4, (parts) => {
        const hex = [...parts]
          .reverse()
          .map((part) => part.toString(16).toUpperCase().padStart(2, '0'))
          .join('')
        const masked = mask
          .written(parts.join('.'))
          .split('.')
          .reverse()
          .map((part) => Number(part).toString(16).toUpperCase().padStart(2, '0'))
          .join('')
        expect(mask.kernelHex(hex)).toBe(masked)
        expect(mask.kernelHex(`0000000000000000FFFF0000${hex}`)).toBe(`0000000000000000FFFF0000${masked}`)
      }),
    )
  })

  test('stay what they are where they identify nobody', () => {
    for (const address of ['0.0.0.0', '127.0.0.1', '224.0.0.251', '255.255.255.255', '::1', 'not an address']) {
      expect(mask.written(address)).toBe(address === '::1' ? '0:0:0:0:0:0:0:1' : address)
    }
    expect(mask.written('fe80::1').startsWith('fe80:0:0:0:')).toBe(true)
  })
})

test('braces expand as in a shell', () => {
  expect(expandBraces('/{a,b}/x/{c,d/e}')).toEqual(['/a/x/c', '/a/x/d/e', '/b/x/c', '/b/x/d/e'])
})
