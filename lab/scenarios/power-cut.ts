import { join } from 'node:path'
import { createDiskImage } from '../machine/disk-image.js'
import { addresses } from '../machine/topology.js'
import { defineScenario } from '../scenario.js'

const PHASES = ['before the first step', 'in the middle of an apply', 'after an apply', 'in the middle of a rollback']

/** QEMU is killed in each phase; the journal lies on a disk of its own and is looked at after the reboot. */
export default defineScenario({
  summary: 'a power cut in every phase of an apply and a rollback, then a reboot with the same journal',
  async run({ boot, folder, guestProgram }) {
    const program = guestProgram('power-cut')
    for (const [number, phase] of PHASES.entries()) {
      const image = await createDiskImage(join(folder, `state-${number}.img`), { ext4: true })
      const disks = [{ image, name: 'state', mountAt: '/var/lib/janus' }]
      await boot({
        program,
        disks,
        args: ['work', addresses.nvme, phase],
        timeoutSeconds: 3_600,
        expectedEnd: 'cut',
        killWhen: (record) => record.type === 'marker' && record.name === 'cut the power',
      })
      await boot({ program, disks, args: ['look', addresses.nvme, phase], timeoutSeconds: 3_600 })
    }
  },
})
