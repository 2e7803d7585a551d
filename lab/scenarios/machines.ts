import type { BootOutcome } from '../machine/boot-lab.js'
import { reportedValue } from '../machine/record.js'
import { addresses, type MachineOptions } from '../machine/topology.js'
import { defineScenario, type ScenarioContext } from '../scenario.js'

interface Listed {
  address: string
  driver: string | null
  group: string | null
  numaNode: string
  bootVga: string | null
}

/** Every variant of the machine once: the add-ons are where topology.ts says and do what they are for. */
export default defineScenario({
  summary: 'every variant of the machine has its devices at the documented addresses',
  async run(context) {
    await everyAddOn(context)
    await bootDisplay(context)
    await withoutIommu(context, { iommu: 'absent' })
    await withoutIommu(context, { iommu: 'off' })
  },
})

async function everyAddOn(context: ScenarioContext): Promise<void> {
  const { check } = context
  const machine = { bypassDevice: true, numa: true, twins: true, uplink: true }
  const at = devicesOf(await context.boot({ machine, program: context.guestProgram('inventory') }))
  for (const address of [...addresses.twins, addresses.uplink, addresses.bypass, addresses.farNic]) {
    check(`${address} is on e1000e`, at(address)?.driver === 'e1000e', at(address))
  }
  check('the NIC behind the bypassing bridge has no group', at(addresses.bypass)?.group === null, at(addresses.bypass))
  check('another NIC has one', at(addresses.uplink)?.group !== null)
  check('the far NIC belongs to node 1', at(addresses.farNic)?.numaNode === '1', at(addresses.farNic))
  check('the standard NIC stays where it was', at(addresses.nic)?.driver === 'e1000e')
  check('the physical function stays where it was', at(addresses.physicalFunction)?.driver === 'nvme')
}

async function bootDisplay(context: ScenarioContext): Promise<void> {
  const outcome = await context.boot({ machine: { bootDisplay: true }, program: context.guestProgram('inventory') })
  const adapter = devicesOf(outcome)(addresses.bootDisplay)
  context.check('the VGA adapter is the boot display', adapter?.bootVga === '1', adapter)
  const framebuffer = /vesafb|efifb|BOOTFB|simple/.exec(String(reportedValue(outcome.results, 'iomem')))?.[0]
  context.check('the framebuffer of the firmware is in use', framebuffer !== undefined, framebuffer)
}

async function withoutIommu(context: ScenarioContext, machine: MachineOptions): Promise<void> {
  const at = devicesOf(await context.boot({ machine, program: context.guestProgram('inventory') }))
  context.check(`IOMMU ${machine.iommu}: no group`, at(addresses.nic)?.group === null, at(addresses.nic))
}

function devicesOf({ results }: BootOutcome): (address: string) => Listed | undefined {
  const devices = (reportedValue(results, 'devices') ?? []) as Listed[]
  return (address) => devices.find((device) => device.address === address)
}
