/** Families of distributions that name their packages alike. */
type Family = 'debian' | 'fedora' | 'arch' | 'suse' | 'alpine' | 'gentoo'

/** A program that virtual machines need. */
export interface Tool {
  /** Part of the finding's id. */
  readonly id: string
  readonly name: string
  /** What cannot be done without it. */
  readonly purpose: string
  /** Where some distributions keep it outside of PATH. */
  readonly elsewhere: readonly string[]
  readonly packages: Readonly<Record<Family, string>>
}

/**
 * The programs looked for.
 * @param architecture as `uname -m` names it; default x86_64
 */
export function toolsFor(architecture = 'x86_64'): readonly Tool[] {
  const isX86 = /^(x86_64|i[3-6]86)$/.test(architecture)
  const emulator = `qemu-system-${isX86 ? 'x86_64' : architecture}`
  return [
    {
      id: 'virsh',
      name: 'virsh',
      purpose: 'virtual machines cannot be managed through libvirt',
      elsewhere: [],
      packages: {
        debian: 'libvirt-clients',
        fedora: 'libvirt-client',
        arch: 'libvirt',
        suse: 'libvirt-client',
        alpine: 'libvirt-client',
        gentoo: 'app-emulation/libvirt',
      },
    },
    {
      id: 'qemu-img',
      name: 'qemu-img',
      purpose: 'disk images cannot be made',
      elsewhere: [],
      packages: {
        debian: 'qemu-utils',
        fedora: 'qemu-img',
        arch: 'qemu-img',
        suse: 'qemu-tools',
        alpine: 'qemu-img',
        gentoo: 'app-emulation/qemu',
      },
    },
    {
      id: 'qemu-system',
      name: emulator,
      purpose: 'virtual machines cannot be run',
      elsewhere: ['/usr/libexec/qemu-kvm'],
      packages: {
        debian: isX86 ? 'qemu-system-x86' : 'qemu-system',
        fedora: 'qemu-kvm',
        arch: isX86 ? 'qemu-system-x86' : emulator,
        suse: isX86 ? 'qemu-x86' : 'qemu',
        alpine: emulator,
        gentoo: 'app-emulation/qemu',
      },
    },
  ]
}

/** Which package brings a tool, for the family of the host, or for all when it is none that is known. */
export function packageWords(tool: Tool, families: readonly string[]): string {
  const family = families.map((word) => ALIASES.get(word)).find((known) => known !== undefined)
  if (family !== undefined) return `Install the package ${tool.packages[family]}.`
  const all = Object.entries(tool.packages).map(([name, packageName]) => `${packageName} (${name})`)
  return `Install the package that brings it: ${all.join(', ')}.`
}

const ALIASES: ReadonlyMap<string, Family> = new Map([
  ['debian', 'debian'],
  ['ubuntu', 'debian'],
  ['fedora', 'fedora'],
  ['rhel', 'fedora'],
  ['centos', 'fedora'],
  ['arch', 'arch'],
  ['suse', 'suse'],
  ['opensuse', 'suse'],
  ['opensuse-leap', 'suse'],
  ['opensuse-tumbleweed', 'suse'],
  ['sles', 'suse'],
  ['alpine', 'alpine'],
  ['gentoo', 'gentoo'],
])
