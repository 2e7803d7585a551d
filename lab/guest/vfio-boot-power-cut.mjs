// An apply of gpu-vfio-boot and its rollback, in which the host cuts the power; then a look at what is left.
import { cutThePower } from './kit/power-cuts.mjs'
import { check, loadModule, settleDrivers } from './kit.mjs'
import { bootFiles, fillBootDisk, holdInBuild, useSmallImages, writtenBelowEtc } from './vfio-boot/small-image.mjs'

const [target, task] = process.argv.slice(2)

useSmallImages()
await loadModule('nvme')
await settleDrivers()
await cutThePower({
  task: JSON.parse(task),
  apply: ['apply', 'gpu-vfio-boot', '-o', `devices=${target}`, '--yes'],
  prepare: async () => {
    const built = await fillBootDisk()
    check('update-initramfs builds an image', built.exitCode === 0, built)
  },
  readLasting: () => ({ files: bootFiles(), written: writtenBelowEtc() }),
  isPlanned: ({ files }) => '/etc/initramfs-tools/hooks/janus-vfio' in files,
  midway: { 'the image half written': holdInBuild },
})
