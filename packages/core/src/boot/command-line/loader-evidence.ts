import type { Evidence } from '../../contract/finding.js'
import type { Host } from '../../contract/host.js'

/** The EFI variable in which a boot loader leaves its name (systemd.io, Boot Loader Interface); GRUB does so since 2.12. */
export const LOADER_INFO = '/sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f'
/** Directory that exists when the machine was started by EFI. */
export const EFI = '/sys/firmware/efi'
/** Where the EFI system partition, or the partition of the kernels, may be mounted. */
export const BOOT_PLACES = ['/boot', '/efi', '/boot/efi'] as const

/** What the boot loader that started this machine says it is. */
export interface LoaderInformation {
  /** `systemd-boot 252`; undefined where it left none, or the host does not show it. */
  readonly name: string | undefined
  /** True when the host shows the variables of EFI, so that a loader without one left none. */
  readonly isShown: boolean
}

/** Reads the name that the boot loader left: four bytes of attributes, then UTF-16. */
export async function readLoaderInformation(host: Host): Promise<LoaderInformation> {
  const { value } = await host.readBytes(LOADER_INFO)
  const variables = (await host.list(`${EFI}/efivars`)).value ?? []
  if (value === undefined) return { name: undefined, isShown: variables.length > 0 }
  const name = Buffer.from(value).subarray(4).toString('utf16le').replace(/\0.*$/s, '')
  return { name, isShown: true }
}

/** The first of these paths that exists. */
export async function firstPresent(host: Host, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await host.exists(path)) return path
  return undefined
}

/** Where a program of the system lies. A captured host or a tree answers by the directories that every distribution has. */
export async function findSystemProgram(host: Host, name: string): Promise<string | undefined> {
  return firstPresent(
    host,
    ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/sbin', '/usr/local/bin'].map(
      (folder) => `${folder}/${name}`,
    ),
  )
}

/** Files with an ending in a directory, with their paths. */
export async function filesIn(host: Host, folder: string, ending: string): Promise<readonly string[]> {
  const names = (await host.list(folder)).value ?? []
  return names.filter((name) => name.endsWith(ending)).map((name) => `${folder}/${name}`)
}

/** A path that exists, as evidence. */
export function present(path: string): Evidence {
  return { path, value: '(present)' }
}
