import { join } from 'node:path'
import { createDiskImage, readFromDisk } from '../machine/disk-image.js'
import { reportedValue } from '../machine/record.js'
import { addresses } from '../machine/topology.js'
import { defineScenario } from '../scenario.js'

const LAYERS = ['initramfs-tools']
const MACHINE = { memoryMiB: 2048 }
/** Seconds: a shell that starts some thousand processes takes minutes here. */
const TIMEOUT = 2400

/** A device bound at boot by a real initramfs, not bound when another one sits there, and back at its driver after a rollback. */
export default defineScenario({
  summary: 'gpu-vfio-boot with real update-initramfs: apply, boot from the image, another card, rollback, boot again',
  async run({ boot, check, folder, guestProgram }) {
    const program = guestProgram('vfio-boot')
    const images = {
      etc: await createDiskImage(join(folder, 'etc.img'), { ext4: true }),
      boot: await createDiskImage(join(folder, 'boot.img'), { ext4: true, sizeMiB: 512 }),
      state: await createDiskImage(join(folder, 'state.img'), { ext4: true, sizeMiB: 512 }),
    }
    const disks = [
      { image: images.etc, name: 'etc', layerAt: '/etc' },
      { image: images.boot, name: 'boot', mountAt: '/boot' },
      { image: images.state, name: 'state', mountAt: '/var/lib/janus' },
    ]
    const settings = { program, disks, layers: LAYERS, machine: MACHINE, timeoutSeconds: TIMEOUT }

    const first = await boot({ ...settings, args: ['apply', addresses.nvme] })
    const kernel = String(reportedValue(first.results, 'kernel'))
    const image = (name: string) => readFromDisk(images.boot, `/initrd.img-${kernel}`, join(folder, name))

    const bound = await image('bound')
    await boot({ ...settings, initramfs: bound, args: ['bound', addresses.nvme] })
    await boot({
      ...settings,
      initramfs: bound,
      machine: { ...MACHINE, otherNvme: true },
      args: ['other', addresses.nvme],
    })
    const second = await boot({ ...settings, initramfs: bound, args: ['rollback', addresses.nvme] })
    const [before, after] = [reportedValue(first.results, 'before'), reportedValue(second.results, 'after')]
    check('files and image are byte for byte what they were', before !== undefined && before === after, {
      before,
      after,
    })
    await boot({ ...settings, initramfs: await image('unbound'), args: ['unbound', addresses.nvme] })
  },
})
