import { file, type KernelModel, type PciDeviceSpec, standardMachine, type TreeInput } from '@janus/core/testing'
import { grubFiles } from '../../packages/modules-gpu/test/fixture/boot-files.js'
import { bootMachine } from '../../packages/modules-gpu/test/fixture/boot-machines.js'

const SETTINGS = '/etc/default/grub'
const MENU = '/boot/grub/grub.cfg'
const IMAGE = '/boot/initrd.img-6.1.0-56-amd64'
/** What the disk of the machine keeps from one boot to the next. */
const DISK = [
  SETTINGS,
  MENU,
  IMAGE,
  '/etc/initramfs-tools/scripts/init-top/00-janus-vfio',
  '/etc/initramfs-tools/hooks/janus-vfio',
]

/** The machine of the lab in memory, as a guide finds it: with a GRUB that makes its menu and an initramfs that is built. */
export interface GuideMachine {
  readonly model: KernelModel
  /** The machine of the next boot: the command line of the menu, the bindings of the initramfs, the files of the disk. */
  rebooted(): Promise<GuideMachine>
}

/** @param options.iommu whether the kernel was told to use its IOMMU; that of a bare host was not */
export function createGuideMachine({ iommu }: { readonly iommu: boolean }): GuideMachine {
  const words = iommu ? 'quiet intel_iommu=on' : 'quiet'
  return start(1, {
    [SETTINGS]: {
      mode: 0o644,
      content: `GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX_DEFAULT="${words}"\nGRUB_CMDLINE_LINUX=""\n`,
    },
    [MENU]: { mode: 0o644, content: `linux /vmlinuz root=UUID=1 ro ${words}\n` },
  })
}

interface DiskFile {
  readonly content: string | Uint8Array
  readonly mode: number
}

function start(boot: number, disk: Readonly<Record<string, DiskFile>>): GuideMachine {
  const commandLine = text(disk[MENU]?.content).replace('linux ', 'BOOT_IMAGE=')
  const bound = [...text(disk[IMAGE]?.content).matchAll(/^janus_vfio_bind '([^']*)'/gm)].map(([, address]) => address)
  const hasIommu = /\bintel_iommu=on\b/.test(commandLine)
  const standard = standardMachine({
    iommu: hasIommu ? 'on' : 'absent',
    vfio: bound.length > 0 ? 'loaded' : 'unloaded',
  })
  const devices = (standard.devices ?? []).map(
    (device): PciDeviceSpec =>
      bound.includes(device.address) ? { ...device, driver: 'vfio-pci', override: 'vfio-pci' } : device,
  )
  const files = Object.entries(disk).map(([path, { content, mode }]) => [path, file(content, { mode })] as const)
  const model = bootMachine('initramfs-tools', {
    spec: { ...standard, devices, bootId: `00000000-0000-4000-8000-00000000000${boot}` },
    files: {
      ...standard.files,
      ...grubFiles,
      ...early(bound),
      ...Object.fromEntries(files),
      '/proc/cmdline': commandLine,
    },
  })
  model.onCommand('/usr/sbin/update-grub', () => {
    const answer = model.read(SETTINGS)
    const settings = answer !== undefined && 'value' in answer ? answer.value : ''
    const words = /^GRUB_CMDLINE_LINUX_DEFAULT="(.*)"$/m.exec(settings)?.[1]
    model.put({ [MENU]: `linux /vmlinuz root=UUID=1 ro ${words}\n` })
    return { outcome: 'done' }
  })
  return {
    model,
    async rebooted() {
      const kept: Record<string, DiskFile> = {}
      for (const path of DISK) {
        const { value: content } = await model.host.readBytes(path)
        const { value: stat } = await model.host.stat(path)
        if (content !== undefined && stat !== undefined) kept[path] = { content, mode: stat.mode }
      }
      return start(boot + 1, kept)
    },
  }
}

/** What the script in the initramfs leaves behind, whose own test is a boot in the lab. */
function early(bound: readonly (string | undefined)[]): TreeInput {
  return bound.length === 0
    ? {}
    : { '/run/janus-vfio-boot': bound.map((address) => `${address} bound to vfio-pci\n`).join('') }
}

function text(content: string | Uint8Array | undefined): string {
  return typeof content === 'string' ? content : Buffer.from(content ?? '').toString('latin1')
}
