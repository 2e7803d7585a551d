import type { Host } from '../../contract/host.js'
import type { InitramfsImage, InitramfsToolName } from './initramfs-tool.js'
import { readPresets } from './mkinitcpio-presets.js'

/** Where each tool leaves its image, by release of the kernel. Where both exist, nothing says which of them is booted. */
const NAMES: Readonly<Record<Exclude<InitramfsToolName, 'mkinitcpio'>, readonly ((release: string) => string)[]>> = {
  'initramfs-tools': [(release) => `/boot/initrd.img-${release}`],
  dracut: [(release) => `/boot/initramfs-${release}.img`, (release) => `/boot/initrd.img-${release}`],
}

/** Images of a tool. */
export interface Images {
  readonly running: readonly InitramfsImage[]
  readonly all: readonly InitramfsImage[]
}

/**
 * The images that a tool has built, for the running kernel and for all.
 * @param release of the running kernel
 * @throws JANUS_HOST_UNFIT when a preset makes a unified kernel image, which Janus does not take apart
 */
export async function readImages(host: Host, tool: InitramfsToolName, release: string | undefined): Promise<Images> {
  if (tool === 'mkinitcpio') return readPresets(host, release)
  const all: InitramfsImage[] = []
  for (const kernel of await kernelsOf(host)) {
    for (const name of NAMES[tool]) {
      const path = name(kernel)
      if (await host.exists(path)) all.push({ path, kernel })
    }
  }
  return { running: all.filter(({ kernel }) => kernel === release), all }
}

async function kernelsOf(host: Host): Promise<readonly string[]> {
  const names = (await host.list('/lib/modules')).value ?? []
  return names.filter((name) => /^[A-Za-z0-9][A-Za-z0-9._+~-]*$/.test(name))
}
