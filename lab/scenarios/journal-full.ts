import { join } from 'node:path'
import { createDiskImage } from '../machine/disk-image.js'
import { addresses } from '../machine/topology.js'
import { defineScenario } from '../scenario.js'

/** The journal lies on a small file system that is full at each moment of an apply in turn, and at a rollback. */
export default defineScenario({
  summary: 'the file system of the journal is full, before and in the middle of an apply and at a rollback',
  async run({ boot, folder, guestProgram }) {
    const image = await createDiskImage(join(folder, 'state.img'), { sizeMiB: 1 })
    await boot({
      program: guestProgram('journal-full'),
      args: [addresses.nvme],
      disks: [{ image, name: 'state' }],
      timeoutSeconds: 4_500,
    })
  },
})
