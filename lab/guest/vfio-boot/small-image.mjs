import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileStates } from '../kit/file-states.mjs'
import { startJanus } from '../kit/janus.mjs'
import { run } from '../kit/run.mjs'
import { waitFor } from '../kit/wait-for.mjs'

/** Everything that an apply of gpu-vfio-boot touches on disk. */
export const TREES = ['/etc/initramfs-tools', '/boot']

const HOLD = '/run/hold-mkinitramfs'
const HELD = '/run/mkinitramfs-is-held'

/**
 * The real update-initramfs calls a mkinitramfs of a few lines: what it packs is beside the point where a machine dies
 * dozens of times, and the real one takes minutes here.
 * @returns the path of the image
 */
export function useSmallImages() {
  writeFileSync(
    '/usr/sbin/mkinitramfs',
    `#!/bin/sh
out=$2
work=$(mktemp -d) && cp -r /etc/initramfs-tools/scripts "$work" && cd "$work" || exit
if [ -e ${HOLD} ]; then
  echo 'the first bytes of an image' >"$out" && sync "$out" && : >${HELD}
  sleep 300
fi
# The same files make the same image, whenever they were written.
find scripts -exec touch -h -d @0 {} +
find scripts | LC_ALL=C sort | cpio --quiet --reproducible -R 0:0 -o -H newc | gzip -n >"$out"
rm -r "$work"
`,
    { mode: 0o755 },
  )
  return `/boot/initrd.img-${release()}`
}

/** A disk on /boot hides what the lab put there: brings the kernel and its configuration onto it, and builds an image. */
export async function fillBootDisk() {
  const kernelFolder = readFileSync('/run/janus-lab/boot', 'utf8')
  for (const name of [`config-${release()}`, `vmlinuz-${release()}`])
    copyFileSync(`${kernelFolder}/${name}`, `/boot/${name}`)
  return run('update-initramfs', ['-c', '-k', release()])
}

/** Starts the CLI, which builds an image; true once the build has written half of one and goes no further. */
export async function holdInBuild(args) {
  rmSync(HELD, { force: true })
  writeFileSync(HOLD, '')
  startJanus(args)
  return (await waitFor(() => existsSync(HELD), { timeoutMs: 300_000, everyMs: 20 })) === true
}

/** Type, mode, owner and digest of each file of the trees. */
export function bootFiles(trees = TREES) {
  const files = fileStates([], trees)
  delete files['/boot/lost+found']
  return files
}

/** All that was ever written below /etc and is there, from the disk that lies over it; folders are copied there as needed. */
export function writtenBelowEtc() {
  const written = Object.entries(fileStates([], ['/run/janus-lab/disks/etc/upper']))
  return Object.fromEntries(written.filter(([, state]) => !state.endsWith(' folder')))
}

function release() {
  return readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim()
}
