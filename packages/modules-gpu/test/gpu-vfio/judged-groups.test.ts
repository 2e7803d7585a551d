import { createJanus, type DeviceUse, type Inventory, isJanusError, type JudgedGroup, judgeGroups } from '@janus/core'
import { link, unreadable } from '@janus/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BindingOutlook, gpuVfio, gpuVfioOptions, type Refusal, readBindingOutlooks } from '../../src/index.js'
import { CLASSES, contextOn, createMachine, type TestDevice, type TestMachine } from '../fixture/machine.js'

// `bind --list` and the guide judge a group by its inventory alone, the plan by the whole host. What the inventory does
// not hold, and nothing else, may make a difference.

const ADDRESSES = ['0000:01:00.0', '0000:01:00.1', '0000:01:00.2', '0000:01:00.3']
const NIC = { address: '0000:01:00.0', class: CLASSES.network, driver: 'e1000e', group: '1' }
const DISPLAY = { ...NIC, class: CLASSES.display, driver: 'nouveau', attributes: { boot_vga: '0\n' } }
const OTHER_DISPLAY = { ...DISPLAY, address: '0000:02:00.0', group: '2' }

describe('a group that the inventory calls free', () => {
  it.each<[reason: string, machine: TestMachine]>([
    [
      'driver-missing',
      { devices: [NIC], drivers: [], extra: { '/lib/modules/6.12.0-test/modules.dep': 'kernel/net/dummy.ko:\n' } },
    ],
    [
      'driver-blacklisted',
      {
        devices: [NIC],
        drivers: [],
        extra: {
          '/lib/modules/6.12.0-test/modules.dep': 'kernel/drivers/vfio/pci/vfio-pci.ko:\n',
          '/etc/modprobe.d/no-vfio.conf': 'install vfio-pci /bin/false\n',
        },
      },
    ],
    ['deny-listed', { devices: [{ ...NIC, class: '0b4000', device: '37c8' }] }],
    [
      'override-unreadable',
      { devices: [{ ...NIC, override: undefined, attributes: { driver_override: unreadable('timeout') } }] },
    ],
    [
      'framebuffer',
      {
        devices: [DISPLAY, OTHER_DISPLAY],
        extra: { '/proc/iomem': 'c0000000-cfffffff : 0000:01:00.0\n  c0000000-c07e8fff : BOOTFB\n' },
      },
    ],
    [
      'foreign-member',
      {
        devices: [NIC],
        extra: {
          '/sys/kernel/iommu_groups/1/devices/INT3446:00/driver': link('/sys/bus/platform/drivers/intel-lpss'),
        },
      },
    ],
    ['no-iommu', { devices: [NIC], extra: { '/sys/kernel/iommu_groups/1/name': 'vfio-noiommu\n' } }],
    ['off-bus', { devices: [{ ...NIC, attributes: { config: new Uint8Array(256).fill(0xff) } }] }],
  ])('may be refused by the plan for %s, which the inventory does not hold', async (reason, machine) => {
    const host = createMachine(machine)
    const janus = createJanus({ host, sources: [] })
    const [judged] = judgeGroups(await janus.inventory())
    await janus.close()
    expect(judged).toMatchObject({ id: '1', verdict: 'free' })
    expect(new Set((await refusalsOfPlan(machine)).map((refusal) => refusal.reason))).toEqual(new Set([reason]))
  })

  it('may hold a physical function on VFIO with virtual functions on, which stays as it is, to the plan too', async () => {
    const physical = { class: CLASSES.nvme, driver: 'vfio-pci', vendor: '8086', virtualFunctions: 2, uses: [] }
    const sibling = { ...physical, driver: 'e1000e', virtualFunctions: 0 }
    const { judged, outlook } = await judgeBoth([physical, sibling])
    expect(judged).toMatchObject({ verdict: 'free', functions: [{ virtualFunctions: { enabled: 2 } }, {}] })
    expect(outlook).toMatchObject({ verdict: 'bindable', refusals: [] })
  })

  it('is bindable to the plan in all else, and what the plan refuses is not free', async () => {
    const verdicts = new Set<string>()
    await fc.assert(
      fc.asyncProperty(fc.array(anyMember, { minLength: 1, maxLength: 4 }), async (members) => {
        const { judged, outlook } = await judgeBoth(members)
        expect(judged === undefined).toBe(outlook === undefined)
        if (judged === undefined || outlook === undefined) return
        verdicts.add(`${judged.verdict} ${outlook.verdict}`)
        expect(isAgreed(judged, outlook), `${judged.verdict}, ${outlook.verdict}: ${JSON.stringify(members)}`).toBe(
          true,
        )
      }),
      { numRuns: 400, seed: 7 },
    )
    for (const both of ['free bindable', 'in-use insist', 'stays refused', 'bound bound']) {
      expect(verdicts).toContain(both)
    }
  })
})

/** Beside a function on VFIO, one without a driver belongs to the guest already, although a plan could bind it as well. */
function isAgreed({ verdict }: JudgedGroup, outlook: BindingOutlook): boolean {
  switch (verdict) {
    case 'free':
      return outlook.verdict === 'bindable'
    case 'bound':
      return outlook.devices.some(({ isBound }) => isBound)
    case 'in-use':
      return outlook.verdict === 'insist' || outlook.verdict === 'refused'
    case 'stays':
      return outlook.refusals.some(({ option }) => option === undefined)
  }
}

interface Member {
  readonly class: string
  readonly driver: string | undefined
  readonly vendor: string
  readonly virtualFunctions: number
  readonly uses: readonly Pick<DeviceUse, 'kind' | 'severity'>[]
}

const anyMember: fc.Arbitrary<Member> = fc.record({
  class: fc.constantFrom(...Object.values(CLASSES), CLASSES.network, CLASSES.nvme, CLASSES.audio),
  driver: fc.constantFrom(undefined, 'vfio-pci', 'mlx5_vfio_pci', 'e1000e', 'pcieport', 'pci-stub', 'shpchp'),
  vendor: fc.oneof({ weight: 12, arbitrary: fc.constant('8086') }, { weight: 1, arbitrary: fc.constant('ffff') }),
  virtualFunctions: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(2) }),
  uses: fc.array(
    fc.record({
      kind: fc.constantFrom('mount', 'data', 'address', 'descriptor', 'virtual-machine', 'only-display'),
      severity: fc.constantFrom('blocking', 'notice'),
    }) as fc.Arbitrary<Pick<DeviceUse, 'kind' | 'severity'>>,
    { maxLength: 1 },
  ),
})

async function judgeBoth(members: readonly Member[]) {
  const host = createMachine({ devices: members.map(deviceOf) })
  const janus = createJanus({ host, sources: [] })
  const read = await janus.inventory()
  const devices = read.devices.map((device) => {
    const { uses = [] } = members[ADDRESSES.indexOf(device.address)] ?? {}
    return { ...device, uses: [...device.uses.filter(({ kind }) => kind === 'virtual-functions'), ...uses.map(useOf)] }
  })
  const inventory: Inventory = { ...read, devices }
  const outlooks = await readBindingOutlooks(host, inventory)
  await janus.close()
  return {
    judged: judgeGroups(inventory)[0],
    outlook: outlooks.find(({ target }) => target.kind === 'group'),
  }
}

function deviceOf({ class: code, driver, vendor, virtualFunctions }: Member, index: number): TestDevice {
  return {
    address: ADDRESSES[index] ?? '',
    class: code,
    group: '1',
    vendor,
    ...(driver === undefined ? {} : { driver }),
    ...(virtualFunctions === 0
      ? {}
      : { attributes: { sriov_totalvfs: '4\n', virtfn0: link('../0000:01:10.0'), virtfn1: link('../0000:01:10.1') } }),
  }
}

function useOf({ kind, severity }: Pick<DeviceUse, 'kind' | 'severity'>): DeviceUse {
  return { kind, severity, summary: `it is used as ${kind}`, chain: ['x'], evidence: '/proc/x' }
}

async function refusalsOfPlan(machine: TestMachine): Promise<readonly Refusal[]> {
  const error = await gpuVfio.apply(contextOn(createMachine(machine), gpuVfioOptions.parse({ group: '1' }))).then(
    () => undefined,
    (cause: unknown) => cause,
  )
  if (!isJanusError(error)) throw error
  return error.data.refusals as readonly Refusal[]
}
