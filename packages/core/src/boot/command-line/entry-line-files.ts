import type { Host } from '../../contract/host.js'
import { janusError } from '../../errors/janus-error.js'
import { lastParameter, parseKernelCommandLine } from '../../inventory/kernel-command-line.js'
import { readBootFiles } from './boot-file.js'
import type { CommandLineFiles } from './command-line-files.js'
import { entryLine, entryLines, onlyLine, withOptionsLine } from './entry-files.js'
import { systemdEntries } from './find-boot-loader.js'
import type { FileTexts } from './source-line.js'
import { unifiedImages } from './told-loaders.js'

const CMDLINE = '/etc/kernel/cmdline'

/**
 * The entries of systemd-boot that start kernels of this system, and the file that kernel-install makes new ones of,
 * where there is one. Both are edited: making the entries again would make every initramfs again.
 * @throws JANUS_HOST_UNFIT for unified kernel images and where there is no entry; JANUS_HOST_UNREADABLE
 */
export async function systemdBootFiles(host: Host): Promise<CommandLineFiles> {
  const refused = await unifiedImages(host)
  if (refused !== undefined) throw refused
  const all = await readBootFiles(host, await systemdEntries(host))
  const machine = (await host.readText('/etc/machine-id')).value?.trim()
  const root = rootOf((await host.readText('/proc/cmdline')).value)
  const own = [...all].filter(([, text]) => isOfMachine(text, machine, root))
  if (own.length === 0) {
    const message = `${host.description} is started by systemd-boot but shows no entry for a Linux kernel in loader/entries`
    const remedy = 'Mount the partition that holds the entries, at /boot or /efi, and plan again.'
    throw janusError('JANUS_HOST_UNFIT', message, { remedy, data: { entries: [...all.keys()] } })
  }
  const source = (await host.exists(CMDLINE)) ? await readBootFiles(host, [CMDLINE]) : new Map<string, string>()
  return { texts: new Map([...source, ...own]), parse: parseAll, prepare: withOptions }
}

/**
 * The file that proxmox-boot-tool, or kernel-install, makes entries of.
 * @throws JANUS_HOST_UNREADABLE; JANUS_HOST_UNFIT for a second line or a comment
 */
export async function kernelCommandLineFile(host: Host): Promise<CommandLineFiles> {
  return { texts: await readBootFiles(host, [CMDLINE]), parse: parseAll }
}

function parseAll(texts: FileTexts) {
  return [...texts].flatMap(([path, text]) =>
    path === CMDLINE ? [onlyLine(path, text)] : (entryLine(path, text) ?? []),
  )
}

function withOptions(texts: FileTexts): FileTexts {
  const prepared = [...texts].map(([path, text]): [string, string] => {
    const hasLine = path === CMDLINE || entryLine(path, text) !== undefined
    return [path, hasLine ? text : withOptionsLine(text)]
  })
  return new Map(prepared)
}

/**
 * Two systems may share a partition: an entry that says it is of another one is left to it, and so is one that says
 * nothing and has another root. Only names of the same kind can be told apart: a UUID and a device may be one disk.
 */
function isOfMachine(text: string, machine: string | undefined, root: string | undefined): boolean {
  const lines = entryLines(text)
  const stated = lines.find(({ key }) => key === 'machine-id')?.value
  if (stated !== undefined && machine !== undefined) return stated === machine
  const options = lines.filter(({ key }) => key === 'options').map(({ value }) => value)
  const other = rootOf(options.join(' '))
  return other === undefined || root === undefined || kindOf(other) !== kindOf(root) || other === root
}

function rootOf(line: string | undefined): string | undefined {
  return lastParameter(parseKernelCommandLine(line ?? ''), 'root')
}

/** `UUID` of `UUID=1`; empty for a device. */
function kindOf(root: string): string {
  return /^([A-Z]+)=/.exec(root)?.[1] ?? ''
}
