import type { Host } from '../../contract/host.js'
import { janusError } from '../../errors/janus-error.js'
import { BOOT_PLACES, filesIn, firstPresent } from './loader-evidence.js'

/** Files of systems that keep the command line themselves, or of boot loaders that Janus leaves to their owner. */
const TOLD: readonly { readonly paths: readonly string[]; readonly name: string; readonly remedy: string }[] = [
  {
    paths: ['/run/ostree-booted'],
    name: 'rpm-ostree',
    remedy:
      'It changes the command line in a deployment of its own, which it can roll back: rpm-ostree kargs --append-if-missing=<parameter>, then boot again.',
  },
  {
    paths: ['/etc/NIXOS'],
    name: 'NixOS',
    remedy: 'Add the parameter to boot.kernelParams in its configuration, then nixos-rebuild boot.',
  },
  {
    paths: ['/boot/refind_linux.conf'],
    name: 'rEFInd',
    remedy: 'Add the parameter to the lines of /boot/refind_linux.conf.',
  },
  {
    paths: ['/boot/limine.conf', '/boot/limine/limine.conf', '/boot/EFI/limine/limine.conf'],
    name: 'Limine',
    remedy: 'Add the parameter to the lines `cmdline` of its configuration.',
  },
  {
    paths: ['/boot/extlinux/extlinux.conf', '/boot/syslinux/syslinux.cfg'],
    name: 'extlinux',
    remedy: 'Add the parameter to the lines APPEND of its configuration.',
  },
  {
    paths: ['/boot/firmware/cmdline.txt'],
    name: "the Raspberry Pi's firmware",
    remedy: 'Add the parameter to the one line of /boot/firmware/cmdline.txt.',
  },
]

const CERTAIN = new Set(['rpm-ostree', 'NixOS'])

/** A keeper of the command line that Janus leaves to its owner. */
export interface ToldLoader {
  readonly name: string
  readonly path: string
  readonly remedy: string
  /** True where it keeps the command line for certain, whatever else is installed. */
  readonly isCertain: boolean
}

/** Finds files of systems and boot loaders that Janus does not edit. */
export async function toldLoader(host: Host): Promise<ToldLoader | undefined> {
  for (const { paths, name, remedy } of TOLD) {
    const path = await firstPresent(host, paths)
    if (path !== undefined) return { name, path, remedy, isCertain: CERTAIN.has(name) }
  }
  return undefined
}

/** The refusal of a host whose command line is kept by something that Janus does not edit. */
export function refuseTold(host: Host, { name, path, remedy }: ToldLoader): Error {
  const message = `the kernel command line of ${host.description} is kept by ${name} (${path}), which Janus does not edit`
  return janusError('JANUS_HOST_UNFIT', message, { remedy, data: { path } })
}

/**
 * The refusal of a host that starts unified kernel images: their command line is in the image.
 * @returns undefined when there is none
 */
export async function unifiedImages(host: Host): Promise<Error | undefined> {
  for (const place of BOOT_PLACES) {
    const [image] = await filesIn(host, `${place}/EFI/Linux`, '.efi')
    if (image === undefined) continue
    const message = `${host.description} starts unified kernel images (${image}): the command line is part of the image, and signed with it where images are`
    const remedy =
      'Put the parameter into the file that the image is made from (/etc/kernel/cmdline, or a file in /etc/cmdline.d), and make it again: mkinitcpio -P, dracut --regenerate-all --force, or kernel-install.'
    return janusError('JANUS_HOST_UNFIT', message, { remedy, data: { path: image } })
  }
  return undefined
}
