import type { Change, Condition, UndoChange } from '../../contract/change.js'
import type { Host } from '../../contract/host.js'
import type { Query } from '../../contract/query.js'
import { janusError } from '../../errors/janus-error.js'
import { bootProgramSettings } from '../boot-program.js'
import { bootConditions } from './boot-conditions.js'
import { bootFileChanges } from './boot-file.js'
import type { BootLoader } from './boot-loader.js'
import { type CommandLineRequest, parameterWords } from './command-line-request.js'
import { commandLineFiles } from './configured-command-line.js'
import { editFiles } from './edit-files.js'
import { findBootLoader } from './find-boot-loader.js'
import { grubRegeneration } from './grub-regeneration.js'
import { grubbyChanges } from './grubby.js'
import { kernelstubChanges } from './kernelstub.js'
import { findSystemProgram } from './loader-evidence.js'

const REFRESH_TIMEOUT = 300_000

/**
 * The changes that bring parameters onto the kernel command line of the next boot, or take them off: the smallest edit
 * of the boot loader's own files, and the command that makes what it reads of them. Empty when it is so already; a
 * generated file is never looked at. The command is the same for every request over a host.
 * @throws JANUS_HOST_UNFIT for boot loaders that Janus does not edit, for two that contend, and for what cannot be read
 * with certainty (file and line); JANUS_HOST_UNREADABLE; JANUS_OPTIONS_INVALID for a word that would need quotes
 */
export async function commandLineChanges(
  host: Host,
  _query: Query,
  request: CommandLineRequest,
): Promise<readonly Change[]> {
  for (const asked of [...request.set, ...(request.remove ?? [])]) parameterWords(asked)
  const loader = await findBootLoader(host)
  const afterBoot = bootConditions(request)
  if (loader.kind === 'grubby') return grubbyChanges(host, request, afterBoot)
  if (loader.kind === 'kernelstub') return kernelstubChanges(host, request, afterBoot)
  return fileChanges(host, loader, request, afterBoot)
}

async function fileChanges(
  host: Host,
  loader: BootLoader,
  request: CommandLineRequest,
  afterBoot: readonly Condition[],
): Promise<readonly Change[]> {
  const files = await commandLineFiles(host, loader)
  if (files === undefined) return []
  const { texts, parse, prepare } = files
  const prepared = request.set.length > 0 && prepare !== undefined ? prepare(texts) : texts
  const edited = editFiles(prepared, parse, request)
  const { why } = request
  if (loader.kind === 'systemd-boot') return bootFileChanges(host, texts, edited, { why, afterBoot })
  const isProxmox = loader.kind !== 'grub'
  const refresh = isProxmox ? await proxmoxRefresh(host) : undefined
  const written = await bootFileChanges(host, texts, edited, {
    why,
    afterBoot,
    ...(refresh === undefined ? {} : { undoThen: refreshAgain(refresh) }),
  })
  if (written.length === 0) return []
  return [...written, refresh ?? (await grubRegeneration(host, request))]
}

/**
 * The command that brings the command line to the EFI partitions, which are not mounted: what it writes there cannot be
 * saved. Undone it is by running it again once the file that it reads is put back, which is part of that file's undo.
 */
async function proxmoxRefresh(host: Host): Promise<Change> {
  const command = await findSystemProgram(host, 'proxmox-boot-tool')
  if (command === undefined) {
    const message = `${host.description} has EFI partitions of proxmox-boot-tool (/etc/kernel/proxmox-boot-uuids), which is not installed`
    throw janusError('JANUS_HOST_UNFIT', message, { data: { path: '/etc/kernel/proxmox-boot-uuids' } })
  }
  return {
    kind: 'run-command',
    command,
    args: ['refresh'],
    ...(await bootProgramSettings(host)),
    timeout: REFRESH_TIMEOUT,
    why: 'bring the command line to the EFI partitions',
    scope: 'persistent',
    undo: [],
  }
}

function refreshAgain(refresh: Change): UndoChange {
  const { undo: _, expect: __, ...command } = refresh
  return { ...command, why: 'undo: bring the previous command line to the EFI partitions' } as UndoChange
}
