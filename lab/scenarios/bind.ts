import { addresses } from '../machine/topology.js'
import { defineScenario } from '../scenario.js'

/** The main job: bind, status, rollback of every kind of device, through the CLI and through the SDK alone. */
export default defineScenario({
  summary: 'bind, status and rollback of an NIC, audio, NVMe, display and a whole group',
  smoke: true,
  async run({ boot, guestProgram }) {
    await boot({ program: guestProgram('bind'), args: [JSON.stringify(addresses)], timeoutSeconds: 3_000 })
  },
})
