import { cutAtEachPoint } from '../machine/power-cuts.js'
import { addresses } from '../machine/topology.js'
import { defineScenario } from '../scenario.js'

/** The power is cut at every order of gpu-vfio-boot and at some of its fsyncs; /etc, /boot and the journal are on disks. */
export default defineScenario({
  summary: 'a power cut at every order of gpu-vfio-boot and of its rollback: /etc and /boot are before or planned',
  async run(context) {
    await cutAtEachPoint(context, {
      program: context.guestProgram('vfio-boot-power-cut'),
      args: [addresses.nvme],
      layers: ['initramfs-tools'],
      loadDrivers: false,
      timeoutSeconds: 1_800,
    })
  },
})
