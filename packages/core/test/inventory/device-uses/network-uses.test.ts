import { describe, expect, test } from 'vitest'
import { locationOf, pciFunction, type TreeEntry, treeHost } from '../support/tree.js'
import { inShort, usesIn } from './support.js'

const NIC = '0000:02:00.0'
const HEADER = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n'
const DEFAULT = '00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n'
const CONNECTED = '000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n'
const TCP = '  sl  local_address rem_address   st\n'

const machine: Readonly<Record<string, TreeEntry>> = {
  ...pciFunction(NIC, '020000'),
  '/sys/class/net/eth0': { link: `${locationOf(NIC)}/net/eth0` },
  [`${locationOf(NIC)}/net/eth0/uevent`]: 'INTERFACE=eth0\n',
  '/sys/class/net/bonding_masters': 'bond0\n',
}

function above(name: string, lower: string, more: Readonly<Record<string, TreeEntry>>): Record<string, TreeEntry> {
  const path = `/sys/devices/virtual/net/${name}`
  const lowerPath = lower === 'eth0' ? `${locationOf(NIC)}/net/eth0` : `/sys/devices/virtual/net/${lower}`
  return {
    [`/sys/class/net/${name}`]: { link: path },
    [`${path}/uevent`]: `INTERFACE=${name}\n`,
    [`${lowerPath}/upper_${name}`]: { link: path },
    ...Object.fromEntries(Object.entries(more).map(([attribute, entry]) => [`${path}/${attribute}`, entry])),
  }
}

const short = async (more: Readonly<Record<string, TreeEntry>>) =>
  inShort((await usesIn(treeHost({ ...machine, ...more })))[NIC])

describe('a network device', () => {
  test('that nothing goes over is not used', async () => {
    expect(await short({ '/proc/net/route': HEADER })).toEqual([])
  })

  test('of the default route is in use', async () => {
    expect(await short({ '/proc/net/route': `${HEADER}eth0\t${DEFAULT}eth0\t${CONNECTED}` })).toEqual([
      'default-route blocking eth0>default IPv4',
      'address notice eth0>address',
    ])
  })

  test('is followed through bond, VLAN and bridge to the default route', async () => {
    const found = await short({
      ...above('bond0', 'eth0', { bonding: { directory: true } }),
      ...above('bond0.7', 'bond0', { uevent: 'DEVTYPE=vlan\n' }),
      ...above('br0', 'bond0.7', { bridge: { directory: true } }),
      '/proc/net/route': `${HEADER}br0\t${DEFAULT}`,
    })
    expect(found).toEqual([
      'bond blocking eth0>bond0',
      'vlan blocking eth0>bond0>bond0.7',
      'bridge blocking eth0>bond0>bond0.7>br0',
      'default-route blocking eth0>bond0>bond0.7>br0>default IPv4',
    ])
  })

  test('that an ssh session comes in by is in use, on another port too', async () => {
    const routes = { '/proc/net/route': `${HEADER}eth0\t${CONNECTED}` }
    const session = `${TCP}   0: 090200C0:0016 0A0200C0:C350 01\n`
    expect(await short({ ...routes, '/proc/net/tcp': session })).toContain('session blocking eth0>ssh')
    const other = `${TCP}   0: 090200C0:08AE 0A0200C0:C350 01\n`
    expect(await short({ ...routes, '/proc/net/tcp': other })).not.toContain('session blocking eth0>ssh')
    const found = await short({ ...routes, '/proc/net/tcp': other, '/etc/ssh/sshd_config': '#Port 22\nPort 2222\n' })
    expect(found).toContain('session blocking eth0>ssh')
  })

  test('that an ssh session over IPv6 comes in by is in use', async () => {
    const own = `20010db8${'0'.repeat(23)}9`
    const found = await short({
      '/proc/net/if_inet6': `${own} 02 40 00 80 eth0\n`,
      '/proc/net/tcp6': `${TCP}   0: B80D0120000000000000000009000000:0016 B80D012000000000000000000A000000:C350 01\n`,
    })
    expect(found).toEqual(['session blocking eth0>ssh', 'address notice eth0>address'])
  })

  test('is not blamed for a session within the machine', async () => {
    const found = await short({
      '/proc/net/route': `${HEADER}eth0\t${DEFAULT}`,
      '/proc/net/tcp': `${TCP}   0: 0100007F:0016 0100007F:C350 01\n`,
    })
    expect(found).not.toContain('session blocking eth0>ssh')
  })

  test('that the root file system is served over is in use', async () => {
    const found = await short({
      '/proc/net/route': `${HEADER}eth0\t${CONNECTED}`,
      '/proc/self/mountinfo': '27 1 0:31 / / rw - nfs4 server:/export rw,vers=4.2,addr=192.0.2.1\n',
    })
    expect(found).toContain('network-root blocking eth0>/')
    const iscsi = await short({
      '/proc/net/route': `${HEADER}eth0\t${CONNECTED}`,
      '/sys/class/iscsi_connection/connection1:0/persistent_address': '192.0.2.1\n',
    })
    expect(iscsi).toContain('network-root blocking eth0>connection1:0')
  })

  test('whose interface a container has is in use', async () => {
    const elsewhere = 'network-namespace blocking 0000:02:00.0>another network namespace'
    const device = pciFunction(NIC, '020000')
    const own = treeHost({ ...device, [`${locationOf(NIC)}/net`]: { directory: true } })
    expect(inShort((await usesIn(own))[NIC])).toEqual([elsewhere])
    const virtio = treeHost({ ...device, [`${locationOf(NIC)}/virtio3/net`]: { directory: true } })
    expect(inShort((await usesIn(virtio))[NIC])).toEqual([elsewhere])
  })

  test('with virtio in between is found', async () => {
    const host = treeHost({
      ...pciFunction(NIC, '020000'),
      '/sys/class/net/eth0': { link: `${locationOf(NIC)}/virtio0/net/eth0` },
      [`${locationOf(NIC)}/virtio0/net/eth0/uevent`]: 'INTERFACE=eth0\n',
      '/proc/net/route': `${HEADER}eth0\t${DEFAULT}`,
    })
    expect(inShort((await usesIn(host))[NIC])).toEqual(['default-route blocking eth0>default IPv4'])
  })
})
