import type { Change, RunCommand } from '../../contract/change.js'
import type { Host } from '../../contract/host.js'
import { janusError } from '../../errors/janus-error.js'
import { bootProgramSettings } from '../boot-program.js'
import { requestConditions } from './boot-conditions.js'
import type { CommandLineRequest } from './command-line-request.js'
import { EFI, findSystemProgram } from './loader-evidence.js'

/** It looks for other systems on every disk. */
const TIMEOUT = 300_000
const ESP_VENDORS = '/boot/efi/EFI'
const EFI_LINK = '/etc/grub2-efi.cfg'

/**
 * The command that makes GRUB's configuration of its settings: Debian's `update-grub`, elsewhere `grub-mkconfig -o`.
 * The same for every plan over the same host, but for what it is verified by.
 * @param asked what one of its entries at least gives the kernel afterwards, not all do: those of other systems do not; and what
 * its first one does not give it
 * @throws JANUS_HOST_UNFIT where neither is installed, two configurations contend, or the only one may be another system's
 */
export async function grubRegeneration(host: Host, asked: Pick<CommandLineRequest, 'set' | 'remove'>): Promise<Change> {
  const output = await grubConfiguration(host)
  const verify = requestConditions(output, asked, 'linux')
  // grub-mkconfig makes the new one beside the old one, and copies it over that.
  const outputs = [output, `${output}.new`]
  const settings = await bootProgramSettings(host)
  const common = {
    kind: 'run-command',
    ...settings,
    timeout: TIMEOUT,
    outputs,
    regenerates: true,
    scope: 'persistent',
    verify,
  } as const
  const why = `let GRUB's configuration follow its settings`
  const update = await findSystemProgram(host, 'update-grub')
  if (update !== undefined && output === '/boot/grub/grub.cfg') return { ...common, command: update, args: [], why }
  for (const name of ['grub2-mkconfig', 'grub-mkconfig']) {
    const command = await findSystemProgram(host, name)
    if (command !== undefined) return { ...common, command, args: ['-o', output], why } satisfies RunCommand
  }
  const message = `${host.description} has GRUB's settings but no update-grub and no grub-mkconfig: ${output} could not be made again`
  throw janusError('JANUS_HOST_UNFIT', message, {
    remedy: 'Install the package that brings grub-mkconfig.',
    data: { output },
  })
}

/**
 * The configuration that GRUB reads; on the EFI partition there may be a stub, that only leads to it, and there are those of
 * other systems.
 */
async function grubConfiguration(host: Host): Promise<string> {
  const linked = await linkedConfiguration(host)
  if (linked !== undefined) return linked
  const present = await presentOf(host, ['/boot/grub/grub.cfg', '/boot/grub2/grub.cfg'])
  const { own, others } = await wholeConfigurationsOnEfi(host)
  const contending = (await host.exists(EFI)) || present.length === 0 ? [...present, ...own] : present
  if (contending.length > 1) throw undecided(host, contending, 'Remove the one that is not used.')
  const [one] = contending
  if (one !== undefined) return one
  if (others.length > 0) {
    const remedy = 'Make /etc/grub2-efi.cfg a link to the one that this system is started by, and plan again.'
    throw otherSystems(host, others, remedy)
  }
  return '/boot/grub/grub.cfg'
}

/** Fedora and Red Hat keep a link to the one that a machine with EFI reads. */
async function linkedConfiguration(host: Host): Promise<string | undefined> {
  if (!(await host.exists(EFI))) return undefined
  const target = (await host.readLink(EFI_LINK)).value
  return target !== undefined && (await isWhole(host, target)) ? target : undefined
}

/** Several systems may share the partition: a directory is this system's when it has its name. */
async function wholeConfigurationsOnEfi(host: Host) {
  const own: string[] = []
  const others: string[] = []
  const name = await vendorOf(host)
  for (const vendor of (await host.list(ESP_VENDORS)).value ?? []) {
    const path = `${ESP_VENDORS}/${vendor}/grub.cfg`
    if (await isWhole(host, path)) (vendor.toLowerCase() === name ? own : others).push(path)
  }
  return { own, others }
}

/** The directory on the EFI partition that a distribution's packages use. */
async function vendorOf(host: Host): Promise<string | undefined> {
  const release = (await host.readText('/etc/os-release')).value ?? (await host.readText('/usr/lib/os-release')).value
  const id = /^ID=["']?([a-z0-9._-]+)["']?\s*$/m.exec(release ?? '')?.[1]
  return id === 'rhel' ? 'redhat' : id
}

/** In a profile, what an earlier module has made again is a whole one. */
async function isWhole(host: Host, path: string): Promise<boolean> {
  const { value, unreadable } = await host.readText(path)
  return unreadable === 'planned' || (value !== undefined && !isStub(value))
}

/** A stub has nothing to start by itself; a whole configuration may lead to another one in one of its entries. */
function isStub(text: string): boolean {
  return /^\s*configfile\s/m.test(text) && !/^\s*(?:menuentry|submenu|linux(?:efi|16)?|blscfg)\b/m.test(text)
}

async function presentOf(host: Host, paths: readonly string[]): Promise<readonly string[]> {
  const present: string[] = []
  for (const path of paths) if (await host.exists(path)) present.push(path)
  return present
}

function undecided(host: Host, paths: readonly string[], remedy: string): Error {
  const message = `${host.description} has two configurations of GRUB, ${paths.join(' and ')}, and nothing shows which of them it reads`
  return janusError('JANUS_HOST_UNFIT', message, { remedy, data: { paths } })
}

function otherSystems(host: Host, paths: readonly string[], remedy: string): Error {
  const message = `${host.description} has no configuration of GRUB below /boot/grub or /boot/grub2, and nothing shows whether ${paths.join(' or ')} is its own`
  return janusError('JANUS_HOST_UNFIT', message, { remedy, data: { paths } })
}
