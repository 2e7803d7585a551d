import { isJanusError, type JanusError, type Query } from '@janus/core'
import { link } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import type { Refusal } from '../../../src/gpu-vfio/refusal.js'
import { gpuVfio, gpuVfioOptions } from '../../../src/index.js'
import { CLASSES, contextOn, createMachine, quietQuery, type TestMachine } from '../../fixture/machine.js'

const NIC = { address: '0000:01:00.0', driver: 'e1000e', group: '1' }
const AUDIO = { address: '0000:01:00.1', class: CLASSES.audio, driver: 'snd_hda_intel', group: '1' }
const PORT = { address: '0000:00:01.0', class: CLASSES.bridge, driver: 'pcieport', group: '1' }
const ISA = { address: '0000:00:1f.0', class: CLASSES.isa, group: '8' }
const SATA = { address: '0000:00:1f.2', class: CLASSES.sata, driver: 'ahci', group: '8' }

describe('gpu-vfio refuses', () => {
  it('a device that is absent, with the near ones (case 2)', async () => {
    const error = await refusal({ devices: [NIC] }, { devices: ['0000:01:00.7'] })
    expect(error.code).toBe('JANUS_DEVICE_NOT_FOUND')
    expect(error.message).toContain('0000:01:00.0')
  })

  it('a group that is absent (case 2)', async () => {
    expect((await refusal({ devices: [NIC] }, { group: '77' })).code).toBe('JANUS_DEVICE_NOT_FOUND')
  })

  it('another device than the one expected at the address (case 3)', async () => {
    const options = { devices: [NIC.address], identities: { [NIC.address]: '10de:2204' } }
    expectRefused(
      await refusal({ devices: [NIC] }, options),
      'other-device',
      `/sys/bus/pci/devices/${NIC.address}/vendor`,
    )
    await expectPlanned({ devices: [NIC] }, { ...options, identities: { [NIC.address]: '8086:10d3:1af4:1100' } })
  })

  it('every device where no IOMMU is in effect, whatever the command line says (case 9)', async () => {
    const { group: _, ...nic } = NIC
    const error = await refusal({ devices: [nic], commandLine: 'intel_iommu=on iommu=pt' }, { devices: [NIC.address] })
    expectRefused(error, 'no-iommu', '/sys/class/iommu')
    expect(error.message).toContain('intel_iommu=on iommu=pt')
    expectNobodyMayInsist(error)
  })

  it('a device without a group while others have one, in other words (case 10)', async () => {
    const { group: _, ...nic } = NIC
    const error = await refusal(
      { devices: [nic, { ...AUDIO, address: '0000:02:00.0', group: '2' }] },
      { devices: [NIC.address] },
    )
    expectRefused(error, 'no-group', `/sys/bus/pci/devices/${NIC.address}/iommu_group`)
    expectNobodyMayInsist(error)
  })

  it('a group that VFIO made up without an IOMMU', async () => {
    const extra = { '/sys/kernel/iommu_groups/1/name': 'vfio-noiommu\n' }
    expectRefused(
      await refusal({ devices: [NIC], extra }, { devices: [NIC.address] }),
      'no-iommu',
      '/sys/kernel/iommu_groups/1/name',
    )
  })

  it('a device whose group has a sibling on a host driver, unless that sibling is consented to (case 11)', async () => {
    const error = await refusal({ devices: [NIC, AUDIO] }, { devices: [NIC.address] })
    expectRefused(error, 'sibling-on-host-driver', `/sys/bus/pci/devices/${AUDIO.address}/driver`)
    expect(optionsOf(error)).toEqual([`includeSiblings: ["${AUDIO.address}"]`])
    const changes = await expectPlanned(
      { devices: [NIC, AUDIO] },
      { devices: [NIC.address], includeSiblings: [AUDIO.address] },
    )
    expect(JSON.stringify(changes)).toContain('/sys/bus/pci/drivers/snd_hda_intel/unbind')
  })

  it('no device for a sibling without a driver or on a VFIO driver', async () => {
    const { driver: _, ...unbound } = AUDIO
    await expectPlanned({ devices: [NIC, unbound] }, { devices: [NIC.address] })
    await expectPlanned({ devices: [NIC, { ...AUDIO, driver: 'vfio-pci' }] }, { devices: [NIC.address] })
  })

  it('a consent for something that is no sibling', async () => {
    const stranger = { ...AUDIO, address: '0000:09:00.0', group: '9' }
    const error = await refusal(
      { devices: [NIC, stranger] },
      { devices: [NIC.address], includeSiblings: [stranger.address] },
    )
    expect(error.code).toBe('JANUS_OPTIONS_INVALID')
  })

  it('no device for the root port in its group, and leaves that alone (case 12)', async () => {
    const changes = await expectPlanned({ devices: [PORT, NIC] }, { devices: [NIC.address] })
    expect(JSON.stringify(changes)).not.toContain(PORT.address)
  })

  it('a group with a bridge on a driver of its own', async () => {
    const error = await refusal({ devices: [{ ...PORT, driver: 'yenta_cardbus' }, NIC] }, { devices: [NIC.address] })
    expectRefused(error, 'bridge-driver', `/sys/bus/pci/devices/${PORT.address}/driver`)
  })

  it('a group with a part of the chipset in it (case 13)', async () => {
    const error = await refusal({ devices: [ISA, SATA] }, { devices: [SATA.address] })
    expectRefused(error, 'chipset-in-group', `/sys/kernel/iommu_groups/8/devices/${ISA.address}`)
    expectNobodyMayInsist(error)
  })

  it('a group with a member that is no PCI device and has a driver', async () => {
    const extra = {
      '/sys/kernel/iommu_groups/1/devices/INT3446:00/driver': link('/sys/bus/platform/drivers/intel-lpss'),
    }
    expectRefused(
      await refusal({ devices: [NIC], extra }, { devices: [NIC.address] }),
      'foreign-member',
      '/sys/kernel/iommu_groups/1/devices/INT3446:00/driver',
    )
  })

  it.each([
    ['a bridge', PORT, 'bridge'],
    ['a host bridge', { address: '0000:00:00.0', class: CLASSES.hostBridge, group: '0' }, 'bridge'],
    ['a part of the chipset', ISA, 'chipset'],
  ])('%s as a target (case 14)', async (_, device, reason) => {
    const error = await refusal({ devices: [device] }, { devices: [device.address] })
    expectRefused(error, reason, `/sys/bus/pci/devices/${device.address}/class`)
    expectNobodyMayInsist(error)
  })

  it('a group of nothing but bridges', async () => {
    const error = await refusal({ devices: [PORT] }, { group: '1' })
    expect(error.code).toBe('JANUS_DEVICE_REFUSED')
    expect(error.message).toContain(PORT.address)
  })

  it('a physical function with virtual functions, naming them, unless told to turn them off (case 15)', async () => {
    const physical = {
      ...NIC,
      attributes: { sriov_numvfs: '1\n', virtfn0: link('../0000:01:10.0'), sriov_totalvfs: '8\n' },
    }
    const virtual = {
      address: '0000:01:10.0',
      driver: 'igbvf',
      group: '20',
      attributes: { physfn: link(`../${NIC.address}`) },
    }
    const error = await refusal({ devices: [physical, virtual] }, { devices: [NIC.address] })
    expectRefused(error, 'virtual-functions', `/sys/bus/pci/devices/${NIC.address}/sriov_numvfs`)
    expect(error.message).toContain('0000:01:10.0 on igbvf')
    await expectPlanned({ devices: [physical, virtual] }, { devices: [NIC.address], disableVirtualFunctions: true })
  })

  it('a virtual function together with its physical function (case 16)', async () => {
    const physical = {
      ...NIC,
      attributes: { sriov_numvfs: '1\n', virtfn0: link('../0000:01:10.0'), sriov_totalvfs: '8\n' },
    }
    const virtual = {
      address: '0000:01:10.0',
      driver: 'igbvf',
      group: '20',
      attributes: { physfn: link(`../${NIC.address}`) },
    }
    const options = { devices: [NIC.address, virtual.address], disableVirtualFunctions: true }
    expectRefused(
      await refusal({ devices: [physical, virtual] }, options),
      'physical-function-in-plan',
      `/sys/bus/pci/devices/${virtual.address}/physfn`,
    )
  })

  it('a device whose driver vfio-pci is missing (case 27)', async () => {
    const extra = { '/lib/modules/6.12.0-test/modules.dep': 'kernel/drivers/net/dummy.ko:\n' }
    const error = await refusal({ devices: [NIC], drivers: [], extra }, { devices: [NIC.address] })
    expectRefused(error, 'driver-missing', '/sys/bus/pci/drivers/vfio-pci')
    expectNobodyMayInsist(error)
  })

  it('a device whose driver vfio-pci is forbidden by modprobe.d (case 27)', async () => {
    const extra = {
      '/lib/modules/6.12.0-test/modules.dep': 'kernel/drivers/vfio/pci/vfio-pci.ko:\n',
      '/etc/modprobe.d/no-vfio.conf': 'install vfio-pci /bin/false\n',
    }
    const error = await refusal({ devices: [NIC], drivers: [], extra }, { devices: [NIC.address] })
    expectRefused(error, 'driver-blacklisted', '/etc/modprobe.d')
    expectNobodyMayInsist(error)
  })

  it('a device on the deny list of vfio-pci, unless the list is off (case 28)', async () => {
    const accelerator = { ...NIC, class: '0b4000', device: '37c8' }
    expectRefused(
      await refusal({ devices: [accelerator] }, { devices: [NIC.address] }),
      'deny-listed',
      `/sys/bus/pci/devices/${NIC.address}/device`,
    )
    const extra = { '/sys/module/vfio_pci/parameters/disable_denylist': 'Y\n' }
    await expectPlanned({ devices: [accelerator], extra }, { devices: [NIC.address] })
  })

  it('a device that is off the bus (case 36)', async () => {
    const error = await refusal(
      { devices: [{ ...NIC, vendor: 'ffff', device: 'ffff', class: 'ffffff' }] },
      { devices: [NIC.address] },
    )
    expectRefused(error, 'off-bus', `/sys/bus/pci/devices/${NIC.address}/vendor`)
    expectNobodyMayInsist(error)
  })

  it('a device that answers with all ones although its identity is still remembered (case 36)', async () => {
    const device = { ...NIC, attributes: { config: new Uint8Array(256).fill(0xff) } }
    expectRefused(
      await refusal({ devices: [device] }, { devices: [NIC.address] }),
      'off-bus',
      `/sys/bus/pci/devices/${NIC.address}/config`,
    )
  })

  it('a device whose driver override cannot be read (case 24)', async () => {
    const { unreadable } = await import('@janus/core/testing')
    const device = { ...NIC, override: undefined, attributes: { driver_override: unreadable('timeout') } }
    expectRefused(
      await refusal({ devices: [device] }, { devices: [NIC.address] }),
      'override-unreadable',
      `/sys/bus/pci/devices/${NIC.address}/driver_override`,
    )
  })

  it('a display whose memory the firmware framebuffer still owns (case 44)', async () => {
    const display = { ...NIC, class: CLASSES.display, driver: 'nouveau' }
    const second = { ...display, address: '0000:02:00.0', group: '2' }
    const extra = {
      '/proc/iomem':
        'c0000000-cfffffff : PCI Bus 0000:01\n  c0000000-cfffffff : 0000:01:00.0\n    c0000000-c07e8fff : BOOTFB\nd0000000-dfffffff : 0000:02:00.0\n',
    }
    const error = await refusal(
      { devices: [display, second], extra },
      { devices: [display.address, second.address], allowUse: ['only-display'] },
    )
    expect(
      refusalsOf(error)
        .filter(({ reason }) => reason === 'framebuffer')
        .map(({ device }) => device),
    ).toEqual([display.address])
    await expectPlanned(
      { devices: [display, second], extra },
      { devices: [display.address], allowUse: ['boot-display', 'only-display'] },
    )
  })

  it('everything at once: one error lists every reason', async () => {
    const { group: _, ...nic } = NIC
    const error = await refusal({ devices: [nic, ISA, SATA] }, { devices: [NIC.address, SATA.address, ISA.address] })
    expect(
      refusalsOf(error)
        .map(({ reason }) => reason)
        .sort(),
    ).toEqual(['chipset', 'chipset-in-group', 'no-group'])
    expect(error.message).toContain('3 refusals')
  })
})

async function refusal(
  machine: TestMachine,
  options: Record<string, unknown>,
  query: Query = quietQuery,
): Promise<JanusError> {
  const context = contextOn(createMachine(machine), gpuVfioOptions.parse(options), query)
  const error = await gpuVfio.apply(context).then(
    (changes) => new Error(`planned ${JSON.stringify(changes)}`),
    (cause: unknown) => cause,
  )
  if (!isJanusError(error)) throw error
  return error
}

async function expectPlanned(machine: TestMachine, options: Record<string, unknown>) {
  const changes = await gpuVfio.apply(contextOn(createMachine(machine), gpuVfioOptions.parse(options)))
  expect(changes.length).toBeGreaterThan(0)
  return changes
}

function expectRefused(error: JanusError, reason: string, evidence: string): void {
  expect(error.code).toBe('JANUS_DEVICE_REFUSED')
  expect(refusalsOf(error).map((found) => found.reason)).toContain(reason)
  expect(error.message).toContain(evidence)
}

function expectNobodyMayInsist(error: JanusError): void {
  expect(optionsOf(error)).toEqual([])
}

function optionsOf(error: JanusError): readonly string[] {
  return refusalsOf(error).flatMap(({ option }) => option ?? [])
}

function refusalsOf(error: JanusError): readonly Refusal[] {
  return error.data.refusals as readonly Refusal[]
}
