import { readFileSync, writeFileSync } from 'node:fs'
import { fileStates } from '../kit/file-states.mjs'

/** Everything that an apply of gpu-vfio-boot touches on disk. */
export const TREES = ['/etc/initramfs-tools', '/boot']

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
# The same files make the same image, whenever they were written.
find scripts -exec touch -h -d @0 {} +
find scripts | LC_ALL=C sort | cpio --quiet --reproducible -R 0:0 -o -H newc | gzip -n >"$out"
rm -r "$work"
`,
    { mode: 0o755 },
  )
  return `/boot/initrd.img-${readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim()}`
}

/** Type, mode, owner and digest of each file of the trees. */
export function bootFiles() {
  const files = fileStates([], TREES)
  delete files['/boot/lost+found']
  return files
}
