import { addresses } from '../machine/topology.js'
import { defineScenario } from '../scenario.js'

/** `kill -9` at every fsync and order of an apply of gpu-vfio-boot, its rollback and a recovery: files, and an image that update-initramfs builds. */
export default defineScenario({
  summary: 'kill -9 at every fsync and every order of gpu-vfio-boot: files and image are before or planned',
  async run({ boot, guestProgram }) {
    await boot({
      program: guestProgram('vfio-boot-crash'),
      args: [addresses.nvme],
      layers: ['initramfs-tools'],
      timeoutSeconds: 7_200,
    })
  },
})
