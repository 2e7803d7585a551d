import { addresses } from '../machine/topology.js'
import { defineScenario } from '../scenario.js'

export default defineScenario({
  summary: 'the quickstart as root with an empty HOME: answers, refusals, and nothing written anywhere',
  smoke: true,
  async run({ boot, guestProgram }) {
    const args = [addresses.nvme, addresses.twins[0]]
    await boot({ program: guestProgram('quickstart'), args, timeoutSeconds: 1_500 })
  },
})
