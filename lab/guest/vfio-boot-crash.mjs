// Kills the unmodified CLI at every point of an apply of gpu-vfio-boot, of its rollback and of a recovery.
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { killAtEveryPoint } from './kit/crash-points.mjs'
import { check, device, finish, run } from './kit.mjs'
import { bootFiles, TREES, useSmallImages } from './vfio-boot/small-image.mjs'

const [target, selection = 'all'] = process.argv.slice(2)
const kernel = readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim()
const COPIES = '/run/vfio-boot-copies'
let isCopied = false

useSmallImages()
const built = await run('update-initramfs', ['-c', '-k', kernel])
check('update-initramfs builds an image', built.exitCode === 0, built)
copy('before')

await killAtEveryPoint({
  apply: ['apply', 'gpu-vfio-boot', '-o', `devices=${target}`, '--yes'],
  readState: async () => {
    const state = { files: bootFiles(), driver: device(target).driver }
    if (state.files['/etc/initramfs-tools/hooks/janus-vfio'] !== undefined) copy('planned', { once: true })
    return state
  },
  isPlanned: ({ files, driver }) => driver === 'nvme' && '/etc/initramfs-tools/hooks/janus-vfio' in files,
  bringHome: () => bring('before'),
  bringAway: () => bring('planned'),
  selection,
})
finish()

function copy(name, { once = false } = {}) {
  if (once && isCopied) return
  isCopied ||= once
  for (const tree of TREES) {
    mkdirSync(`${COPIES}/${name}`, { recursive: true })
    cpSync(tree, `${COPIES}/${name}${tree}`, { recursive: true, preserveTimestamps: true })
  }
}

function bring(name) {
  for (const tree of TREES) {
    rmSync(tree, { recursive: true, force: true })
    cpSync(`${COPIES}/${name}${tree}`, tree, { recursive: true, preserveTimestamps: true })
  }
}
