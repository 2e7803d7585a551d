import type { Change, Condition, RunCommand } from '../../contract/change.js'
import type { Host } from '../../contract/host.js'
import { janusError } from '../../errors/janus-error.js'
import { outputsUndo } from '../../plan/outputs-undo.js'
import { bootProgramSettings } from '../boot-program.js'
import type { InitramfsImage, InitramfsTool } from './initramfs-tool.js'

/** Milliseconds: an image with every firmware takes minutes on a slow disk. */
const TIMEOUT = 1_200_000
const ENVIRONMENT = { LANG: 'C', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } as const

/** A file that must be in every image, or must not be in any. */
export interface ImageMember {
  /** Name without a leading slash. */
  readonly name: string
  /** SHA-256 of its bytes, lower-case hex; left out: the images must not have it. */
  readonly sha256?: string
}

/** What is asked of a rebuild. */
export interface InitramfsRebuild {
  readonly members: readonly ImageMember[]
  /** True: the images of all kernels that have one, else those of the running kernel. */
  readonly allKernels?: boolean
  /** Images that are left as they are: by path. */
  readonly except?: readonly string[]
  /** What holds after the next boot. */
  readonly afterBoot?: readonly Condition[]
  /** One line for the human. */
  readonly why: string
}

/**
 * The changes that build the initramfs anew, one command for each kernel. Each image is saved before and put back by the undo, byte
 * for byte, and read back after: the exit code of a builder says little (update-initramfs ends with 0 where /boot is
 * mounted read-only or where updates are switched off).
 * @throws JANUS_HOST_UNFIT when the running kernel has no image: nothing would be booted from a new one
 */
export async function rebuildInitramfsChanges(
  host: Host,
  tool: InitramfsTool,
  rebuild: InitramfsRebuild,
): Promise<readonly Change[]> {
  const present = rebuild.allKernels === true ? tool.all : tool.running
  if (present.length === 0) throw noImage(host, tool)
  const images = present.filter(({ path }) => rebuild.except?.includes(path) !== true)
  if (images.length === 0) return []
  const changes: Change[] = []
  for (const kernel of new Set(images.map((image) => image.kernel))) {
    const own = images.filter((image) => image.kernel === kernel)
    for (const { command, args, built } of commandsFor(tool, kernel, own)) {
      const base: RunCommand = {
        kind: 'run-command',
        why: `${rebuild.why} (${kernel})`,
        scope: 'persistent',
        command,
        args,
        env: ENVIRONMENT,
        timeout: TIMEOUT,
        outputs: built.flatMap(({ path }) => [path, ...filesBeside(tool, path)]),
        regenerates: true,
        // A kernel that was removed since needs no image.
        unless: [{ kind: 'absent', path: placeOf(tool, kernel) }],
        verify: built.flatMap(({ path }) => rebuild.members.map((member) => memberCondition(path, member))),
        ...(rebuild.afterBoot === undefined ? {} : { afterBoot: rebuild.afterBoot }),
      }
      // The partitions get the image that was put back: after it, so in the same list.
      changes.push(
        tool.copiesToBootPartitions
          ? { ...base, undo: [...(await outputsUndo(host, base)), await refreshPartitions(host)] }
          : base,
      )
    }
  }
  return tool.copiesToBootPartitions ? [...changes, { ...(await refreshPartitions(host)), undo: [] }] : changes
}

/**
 * What update-initramfs makes beside the image: the new one until it is whole, and copies of the old one, of which it keeps the
 * last where its configuration says so. A power cut leaves the others, as large as the image, on what may be a small partition.
 */
function filesBeside(tool: InitramfsTool, image: string): readonly string[] {
  return tool.name === 'initramfs-tools' ? ['.new', '.dpkg-bak', '.bak'].map((ending) => `${image}${ending}`) : []
}

/** One run of a tool, and what it builds. */
interface Build {
  readonly command: string
  readonly args: readonly string[]
  readonly built: readonly InitramfsImage[]
}

/** What is there as long as the kernel is installed. */
function placeOf({ name }: InitramfsTool, kernel: string): string {
  return name === 'mkinitcpio' ? `/etc/mkinitcpio.d/${kernel}.preset` : `/lib/modules/${kernel}`
}

function memberCondition(path: string, { name, sha256 }: ImageMember): Condition {
  return sha256 === undefined
    ? { kind: 'archive-member', path, member: name, absent: true }
    : { kind: 'archive-member', path, member: name, sha256 }
}

/** Every tool is told which kernel, and dracut which file, so that what is built is what was saved. */
function commandsFor(tool: InitramfsTool, kernel: string, images: readonly InitramfsImage[]): readonly Build[] {
  switch (tool.name) {
    case 'initramfs-tools':
      return [{ command: '/usr/sbin/update-initramfs', args: ['-u', '-k', kernel], built: images }]
    case 'dracut':
      return images.map((image) => {
        return { command: '/usr/bin/dracut', args: ['--force', '--quiet', image.path, kernel], built: [image] }
      })
    case 'mkinitcpio':
      return [{ command: '/usr/bin/mkinitcpio', args: ['-p', kernel], built: images }]
  }
}

/** It makes menus of GRUB too, so it speaks the language of the system. */
async function refreshPartitions(host: Host): Promise<RunCommand> {
  const { env } = await bootProgramSettings(host)
  return {
    kind: 'run-command',
    why: 'copy kernels and images to the boot partitions (proxmox-boot-tool)',
    scope: 'persistent',
    command: '/usr/sbin/proxmox-boot-tool',
    args: ['refresh'],
    env,
    timeout: TIMEOUT,
  }
}

function noImage(host: Host, tool: InitramfsTool): Error {
  const message = `${host.description} has ${tool.name}, but no image of it for the running kernel in /boot`
  const remedy = 'Boot the newest installed kernel, build its image once, or use the option `method: "udev"`.'
  return janusError('JANUS_HOST_UNFIT', message, { remedy, data: { tool: tool.name } })
}
