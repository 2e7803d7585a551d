import { join } from 'node:path'
import { createDiskImage } from '../machine/disk-image.js'
import { addresses } from '../machine/topology.js'
import { defineScenario } from '../scenario.js'

/** The udev method with a real udevd, which meets the devices after a driver of the host, before it, and when it is to bind nothing. */
export default defineScenario({
  summary:
    'gpu-vfio-boot by rules with a real udevd: bound, taken by a driver before, switched off; a virtual function too',
  async run({ boot, folder, guestProgram }) {
    const images = {
      etc: await createDiskImage(join(folder, 'etc.img'), { ext4: true }),
      state: await createDiskImage(join(folder, 'state.img'), { ext4: true }),
    }
    const settings = {
      program: guestProgram('vfio-boot-udev'),
      disks: [
        { image: images.etc, name: 'etc', layerAt: '/etc' },
        { image: images.state, name: 'state', mountAt: '/var/lib/janus' },
      ],
      layers: ['udev'],
    }
    const devices = [addresses.nvme, addresses.physicalFunction, addresses.virtualFunctions[0]]
    await boot({ ...settings, args: ['apply', ...devices] })
    // Drivers that are loaded before udev runs, as those of an initramfs are.
    await boot({ ...settings, args: ['taken', ...devices] })
    await boot({ ...settings, loadDrivers: false, args: ['bound', ...devices] })
    const machine = { kernelArguments: ['janus.vfio=off'] }
    await boot({ ...settings, machine, loadDrivers: false, args: ['off', ...devices] })
  },
})
