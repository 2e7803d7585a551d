import { addresses } from '../machine/topology.js'
import { defineScenario } from '../scenario.js'

const ROUNDS = 3

/** Its values are rows of `npm run bench`: nothing is judged, only that every round did its work. */
export default defineScenario({
  summary: 'time of apply and rollback as a ratio to a plain script doing the same writes, for npm run bench',
  async run({ boot, check, guestProgram }) {
    const args = [addresses.nvme, `${ROUNDS}`]
    const { results } = await boot({ program: guestProgram('bench'), args, timeoutSeconds: 1_500 })
    const values = results.flatMap((record) => (record.type === 'value' ? [record] : []))
    check('apply and rollback are measured', values.length >= 2, values)
  },
})
