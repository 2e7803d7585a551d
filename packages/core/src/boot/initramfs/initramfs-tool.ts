import type { Host } from '../../contract/host.js'
import { janusError } from '../../errors/janus-error.js'
import { readKernelRelease } from '../../inventory/kernel-release.js'
import { readImages } from './initramfs-images.js'

/** The programs that build an initramfs and that Janus knows how to ask. */
export const INITRAMFS_TOOLS = ['initramfs-tools', 'dracut', 'mkinitcpio'] as const

/** Name of a program that builds an initramfs. */
export type InitramfsToolName = (typeof INITRAMFS_TOOLS)[number]

/** One image that the next boot may load. */
export interface InitramfsImage {
  readonly path: string
  /** Release of the kernel it is for, or the preset of mkinitcpio that makes it. */
  readonly kernel: string
  /** Only of mkinitcpio. */
  readonly configuration?: NamedConfiguration
}

/** A configuration file that a preset has mkinitcpio use, which then reads no file of /etc/mkinitcpio.conf.d (mkinitcpio(8), `-c`). */
export interface NamedConfiguration {
  readonly path: string
  /** The file of the preset. */
  readonly preset: string
  /** The variable of the preset that names it. */
  readonly setBy: string
}

/** What builds the initramfs of a host, and the images it has built. */
export interface InitramfsTool {
  readonly name: InitramfsToolName
  /** What shows that this tool is in charge. */
  readonly evidence: readonly string[]
  /** Images for the running kernel; several where a preset makes a fallback too. */
  readonly running: readonly InitramfsImage[]
  /** Images for all kernels that have one. */
  readonly all: readonly InitramfsImage[]
  /** Proxmox copies kernels and images to boot partitions, which have to be brought up to date. */
  readonly copiesToBootPartitions: boolean
}

/** Files that belong to a tool and to nothing else; all of them must be there. */
const EVIDENCE: Readonly<Record<InitramfsToolName, readonly string[]>> = {
  'initramfs-tools': ['/usr/sbin/update-initramfs', '/usr/share/initramfs-tools/hook-functions'],
  dracut: ['/usr/bin/dracut', '/usr/lib/dracut/modules.d'],
  mkinitcpio: ['/usr/bin/mkinitcpio', '/etc/mkinitcpio.conf'],
}

/** What proxmox-boot-tool(8) writes the partitions to that it keeps. */
const PROXMOX_PARTITIONS = '/etc/kernel/proxmox-boot-uuids'

/**
 * Finds out by evidence which tool builds the initramfs of a host.
 * @param chosen a human's choice, for a host that has several
 * @returns undefined when there is none that Janus knows
 * @throws JANUS_HOST_UNFIT when there are two and nobody chose, or when the chosen one is not there
 */
export async function readInitramfsTool(host: Host, chosen?: InitramfsToolName): Promise<InitramfsTool | undefined> {
  const present: InitramfsToolName[] = []
  for (const name of INITRAMFS_TOOLS) {
    const found = await Promise.all(EVIDENCE[name].map((path) => host.exists(path)))
    if (found.every(Boolean)) present.push(name)
  }
  if (chosen !== undefined && !present.includes(chosen)) {
    const message = `${host.description} has no ${chosen}: ${EVIDENCE[chosen].join(' and ')} would have to be there`
    throw janusError('JANUS_HOST_UNFIT', message, { data: { tool: chosen, present } })
  }
  const [name] = chosen === undefined ? present : [chosen]
  if (name === undefined) return undefined
  if (chosen === undefined && present.length > 1) {
    const message = `${host.description} has several programs that build an initramfs (${present.join(', ')}), and nothing says which one builds the image that is booted`
    const remedy = 'Remove the one that is not used, or name the other one with the option `tool`.'
    throw janusError('JANUS_HOST_UNFIT', message, { remedy, data: { present } })
  }
  const release = await readKernelRelease(host)
  const { running, all } = await readImages(host, name, release)
  return {
    name,
    evidence: EVIDENCE[name],
    running,
    all,
    copiesToBootPartitions:
      name === 'initramfs-tools' && ((await host.readText(PROXMOX_PARTITIONS)).value ?? '').trim() !== '',
  }
}
