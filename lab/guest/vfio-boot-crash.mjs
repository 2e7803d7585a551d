// Kills the unmodified CLI at every point of an apply of gpu-vfio-boot, of its rollback and of a recovery.
import { readFileSync } from 'node:fs'
import { killAtEveryPoint } from './kit/crash-points.mjs'
import { applyOfPlan } from './kit/janus.mjs'
import { treeCopies } from './kit/tree-copies.mjs'
import { check, device, finish, run } from './kit.mjs'
import { bootFiles, TREES, useSmallImages } from './vfio-boot/small-image.mjs'

const [target, selection = 'all'] = process.argv.slice(2)
const kernel = readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim()
const copies = treeCopies(TREES)

useSmallImages()
const built = await run('update-initramfs', ['-c', '-k', kernel])
check('update-initramfs builds an image', built.exitCode === 0, built)
copies.save('before')

await killAtEveryPoint({
  apply: await applyOfPlan('gpu-vfio-boot', '-o', `devices=${target}`),
  readState: async () => ({ files: bootFiles(), driver: device(target).driver }),
  isPlanned: ({ files, driver }) => {
    copies.save('planned')
    return driver === 'nvme' && '/etc/initramfs-tools/hooks/janus-vfio' in files
  },
  bringHome: () => copies.bring('before'),
  bringAway: () => copies.bring('planned'),
  selection,
})
finish()
