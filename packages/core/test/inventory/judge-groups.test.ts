import { describe, expect, test } from 'vitest'
import type { DeviceUse, InventoryDevice, PciAddress } from '../../src/index.js'
import { judgeGroups } from '../../src/inventory/judge-groups.js'

const CARD = '0000:03:00.0' as PciAddress
const AUDIO = '0000:03:00.1' as PciAddress
const PORT = '0000:00:03.0' as PciAddress

const busy: DeviceUse = {
  kind: 'display',
  severity: 'blocking',
  summary: 'it shows a picture on card0-DP-1',
  chain: ['card0'],
  evidence: '/sys/class/drm/card0-DP-1/status',
}

describe('a group', () => {
  test('of which the host uses nothing is free, whatever drivers its functions are on', () => {
    expect(verdictOf(device(CARD, { driver: 'nouveau' }), device(AUDIO))).toEqual({ verdict: 'free', reasons: [] })
  })

  test('is in use when one function is, and says by what', () => {
    const reasons = [`${CARD}: ${busy.summary}`]
    expect(verdictOf(device(CARD, { uses: [busy] }), device(AUDIO))).toEqual({ verdict: 'in-use', reasons })
  })

  test('is not in use by what is only worth saying, unless somebody has data there', () => {
    const remark = { ...busy, severity: 'notice' } as const
    expect(verdictOf(device(CARD, { uses: [remark] }))).toMatchObject({ verdict: 'free' })
    expect(verdictOf(device(CARD, { uses: [{ ...remark, kind: 'data' }] }))).toMatchObject({ verdict: 'in-use' })
  })

  test.each(['vfio-pci', 'mlx5_vfio_pci'])('on %s is given away, and a guest that uses it is no obstacle', (driver) => {
    expect(verdictOf(device(CARD, { driver, uses: [busy] }), device(AUDIO))).toMatchObject({ verdict: 'bound' })
  })

  test('of which a half is on vfio-pci and the other on a host driver can still be taken', () => {
    const halves = [device(CARD, { driver: 'vfio-pci' }), device(AUDIO, { driver: 'snd_hda_intel' })]
    expect(verdictOf(...halves)).toMatchObject({ verdict: 'free' })
  })

  test('stays with a part of the chipset in it, which outweighs that it is in use', () => {
    const chipset = device(AUDIO, { role: 'chipset' })
    const reasons = [`${AUDIO} in it belongs to the chipset`]
    expect(verdictOf(device(CARD, { uses: [busy] }), chipset)).toEqual({ verdict: 'stays', reasons })
  })

  test('is left to a guest by a bridge on pcieport, and not by one on another driver', () => {
    const port = (driver: string) => device(PORT, { role: 'bridge', driver })
    expect(verdictOf(port('pcieport'), device(CARD))).toMatchObject({ verdict: 'free' })
    const reasons = [`${PORT} in it is a bridge on shpchp, which does not leave the group to a guest`]
    expect(verdictOf(port('shpchp'), device(CARD))).toEqual({ verdict: 'stays', reasons })
  })

  test('stays with a device in it that does not answer', () => {
    expect(verdictOf(device(CARD, { vendor: 'ffff' }))).toMatchObject({ verdict: 'stays' })
  })

  test('of bridges alone is nothing to give away, and a member that is no known device is passed over', () => {
    const devices = [device(PORT, { role: 'bridge' }), device(CARD)]
    const groups = [
      { id: '1', members: [PORT] },
      { id: '2', members: [CARD, AUDIO] },
    ]
    expect(judgeGroups({ devices, groups })).toMatchObject([{ id: '2', functions: [{ address: CARD }] }])
  })
})

function verdictOf(...devices: readonly InventoryDevice[]) {
  const [judged] = judgeGroups({ devices, groups: [{ id: '7', members: devices.map(({ address }) => address) }] })
  return { verdict: judged?.verdict, reasons: judged?.reasons }
}

function device(address: PciAddress, particulars: Partial<InventoryDevice> = {}): InventoryDevice {
  return {
    address,
    path: `/sys/bus/pci/devices/${address}`,
    vendor: '10de',
    device: '2204',
    class: '030000',
    className: 'VGA display controller',
    role: 'endpoint',
    isDisplay: true,
    uses: [],
    ...particulars,
  }
}
