import type { Host } from '../../contract/host.js'
import { type KernelParameter, parseKernelCommandLine } from '../../inventory/kernel-command-line.js'
import type { BootLoader } from './boot-loader.js'
import type { CommandLineFiles } from './command-line-files.js'
import { kernelCommandLineFile, systemdBootFiles } from './entry-line-files.js'
import { findBootLoader } from './find-boot-loader.js'
import { grubFiles } from './grub-files.js'
import { grubbyLines } from './grubby.js'
import { kernelstubLine } from './kernelstub.js'
import { lineText, type SourceLine } from './source-line.js'

/** One command line that the next boot may use. */
export interface ConfiguredLine {
  /** The file that holds it, and of GRUB the variable. */
  readonly source: string
  readonly text: string
  readonly parameters: readonly KernelParameter[]
}

/** What the boot loader is set to give the kernel at the next boot, beside what it adds by itself (`root=`). */
export interface ConfiguredCommandLine {
  readonly loader: BootLoader
  /** One for GRUB, kernelstub and Proxmox; of others one per entry. */
  readonly lines: readonly ConfiguredLine[]
}

/**
 * Reads what is configured for the next boot, without running anything.
 * @throws JANUS_HOST_UNFIT for boot loaders that Janus does not edit, for two that contend, and for what cannot be read
 * with certainty (file and line); JANUS_HOST_UNREADABLE
 */
export async function readConfiguredCommandLine(host: Host): Promise<ConfiguredCommandLine> {
  const loader = await findBootLoader(host)
  const lines = await linesOf(host, loader)
  return {
    loader,
    lines: lines.map((line) => {
      const text = lineText(line)
      return { source: line.label, text, parameters: parseKernelCommandLine(text) }
    }),
  }
}

/** The files that are edited for a boot loader; undefined where a program does it. */
export async function commandLineFiles(host: Host, { kind }: BootLoader): Promise<CommandLineFiles | undefined> {
  switch (kind) {
    case 'grub':
    case 'proxmox-grub':
      return grubFiles(host)
    case 'systemd-boot':
      return systemdBootFiles(host)
    case 'proxmox-systemd-boot':
      return kernelCommandLineFile(host)
    case 'grubby':
    case 'kernelstub':
      return undefined
  }
}

async function linesOf(host: Host, loader: BootLoader): Promise<readonly SourceLine[]> {
  if (loader.kind === 'grubby') return grubbyLines(host)
  if (loader.kind === 'kernelstub') return [await kernelstubLine(host)]
  const files = await commandLineFiles(host, loader)
  return files === undefined ? [] : files.parse(files.texts)
}
