import { reportedValue } from '../machine/record.js'
import { addresses } from '../machine/topology.js'
import { defineScenario } from '../scenario.js'

interface Listed {
  address: string
  class: string
  driver: string | null
  group: string | null
  groupMembers: string[]
  numaNode: string
}

/** Every machine variant once: the devices are where README.md says, with the drivers and groups it says. */
export default defineScenario({
  summary: 'devices, drivers and groups of the standard machine',
  smoke: true,
  async run({ boot, check, note, guestProgram }) {
    const { results } = await boot({ program: guestProgram('inventory') })
    const devices = reportedValue(results, 'devices') as Listed[]
    const at = (address: string) => devices.find((device) => device.address === address)
    for (const { address, class: code, driver, groupMembers } of devices) {
      note(`${address} ${code} ${(driver ?? '-').padEnd(14)} with ${groupMembers.join(' ')}`)
    }
    const expected: [string, string | null][] = [
      [addresses.nic, 'e1000e'],
      [addresses.nicAudio, 'snd_hda_intel'],
      [addresses.nvme, 'nvme'],
      [addresses.display, 'bochs-drm'],
      [addresses.displayAudio, 'snd_hda_intel'],
      [addresses.displayPort, 'pcieport'],
      [addresses.pciBridge, null],
      [addresses.conventionalNic, 'e1000'],
      [addresses.physicalFunction, 'nvme'],
      [addresses.usb, 'xhci_hcd'],
      [addresses.sata, 'ahci'],
    ]
    for (const [address, driver] of expected) {
      check(`${address} is on ${driver ?? 'no driver'}`, at(address)?.driver === driver, at(address))
    }
    const groups = [
      [addresses.nic, addresses.nicAudio],
      [addresses.displayPort, addresses.display, addresses.displayAudio],
      [addresses.pciBridge, addresses.conventionalNic, addresses.conventionalTest, addresses.conventionalEdu],
      [addresses.nvme],
      [addresses.physicalFunction],
    ]
    for (const members of groups) {
      const found = at(members[0] as string)?.groupMembers
      check(`one group: ${members.join(' ')}`, JSON.stringify(found) === JSON.stringify(members), found)
    }
  },
})
