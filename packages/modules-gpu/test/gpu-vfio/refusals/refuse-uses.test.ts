import type { DeviceUse, DeviceUseKind, PciAddress, PciDevice } from '@janus/core'
import { describe, expect, it } from 'vitest'
import { lossesOf } from '../../../src/gpu-vfio/losses.js'
import { gpuVfioOptions, OVERRIDABLE_USES } from '../../../src/gpu-vfio/options.js'
import { refuseUses } from '../../../src/gpu-vfio/refusals/refuse-uses.js'
import type { Selection, Target } from '../../../src/gpu-vfio/targets.js'

const ADDRESS = '0000:01:00.0' as PciAddress

describe('uses of a device', () => {
  it.each(OVERRIDABLE_USES)('of the kind %s stop the binding, and are let through by name', (kind) => {
    const [refusal] = refuseUses(selectionOf([useOf(kind)]))
    expect(refusal).toMatchObject({
      reason: `in-use-${kind}`,
      device: ADDRESS,
      option: `allowUse: ["${kind}"]`,
      evidence: [{ path: '/proc/self/mountinfo' }],
    })
    expect(refuseUses(selectionOf([useOf(kind)], { allowUse: [kind] }))).toEqual([])
  })

  it('name the chain from the device to the use', () => {
    const [refusal] = refuseUses(selectionOf([useOf('mount')]))
    expect(refusal?.summary).toContain('nvme0n1 → nvme0n1p2 → /home')
  })

  it('that are only worth knowing do not stop it', () => {
    expect(refuseUses(selectionOf([useOf('address', 'notice')]))).toEqual([])
  })

  it('stop it when they are data that nobody uses at the moment', () => {
    expect(refuseUses(selectionOf([useOf('data', 'notice')]))).toMatchObject([{ reason: 'in-use-data' }])
  })

  it('do not matter for a device that is on vfio-pci already', () => {
    expect(refuseUses(selectionOf([useOf('virtual-machine')], {}, true))).toEqual([])
  })

  it('of virtual functions that are to be turned off count too', () => {
    const virtual = '0000:01:10.0' as PciAddress
    const selection = { ...selectionOf([]), dependents: new Map([[virtual, [useOf('default-route')]]]) }
    expect(refuseUses(selection)).toMatchObject([{ device: virtual, reason: 'in-use-default-route' }])
  })

  it('never break the line, whatever a volume is called', () => {
    const [refusal] = refuseUses(selectionOf([{ ...useOf('mount'), summary: 'a\n\u001b[2Jb', chain: ['x\ny', 'z'] }]))
    expect(refusal?.summary).not.toMatch(/\p{Cc}/u)
  })
})

describe('losses', () => {
  it('join uses of one kind into one that is accepted by one name', () => {
    const losses = lossesOf([useOf('address', 'notice'), useOf('default-route'), useOf('mount')])
    expect(losses.map(({ id }) => id)).toEqual(['network-addresses', 'mounted-file-systems'])
  })

  it('are none when the uses come back by themselves', () => {
    expect(lossesOf([useOf('last-keyboard'), useOf('fstab'), useOf('data')])).toEqual([])
  })

  it('are none for what is only worth saying', () => {
    expect(lossesOf([useOf('descriptor', 'notice'), useOf('display', 'notice')])).toEqual([])
  })

  it('stay one line of bounded length', () => {
    const [loss] = lossesOf(
      Array.from({ length: 200 }, () => ({ ...useOf('mount'), summary: 'a long\nsummary '.repeat(20) })),
    )
    expect(loss?.summary).not.toContain('\n')
    expect(loss?.summary.length).toBeLessThanOrEqual(1_000)
  })
})

function useOf(kind: DeviceUseKind, severity: DeviceUse['severity'] = 'blocking'): DeviceUse {
  return {
    kind,
    severity,
    summary: '/dev/nvme0n1p2 is mounted on /home',
    chain: ['nvme0n1', 'nvme0n1p2', '/home'],
    evidence: '/proc/self/mountinfo',
  }
}

function selectionOf(uses: readonly DeviceUse[], options: Record<string, unknown> = {}, isBound = false): Selection {
  const device = { address: ADDRESS, path: `/sys/bus/pci/devices/${ADDRESS}` } as PciDevice
  const target = { device, uses, isBound } as unknown as Target
  return { options: gpuVfioOptions.parse({ devices: [ADDRESS], ...options }), targets: [target], dependents: new Map() }
}
