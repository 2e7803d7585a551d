import type { Evidence } from '../../contract/finding.js'
import type { Host } from '../../contract/host.js'
import { janusError } from '../../errors/janus-error.js'
import type { BootLoader } from './boot-loader.js'
import { isLinuxEntry } from './entry-files.js'
import {
  BOOT_PLACES,
  EFI,
  filesIn,
  firstPresent,
  LOADER_INFO,
  present,
  readLoaderInformation,
} from './loader-evidence.js'
import { refuseTold, toldLoader } from './told-loaders.js'

const DEFAULTS = '/etc/default/grub'
const KERNELSTUB = '/etc/kernelstub/configuration'
const PROXMOX = '/etc/kernel/proxmox-boot-uuids'
const CMDLINE = '/etc/kernel/cmdline'

/**
 * Finds what keeps the kernel command line of a host. What the running boot loader left in EFI's variables decides
 * between two that are installed; where it left nothing, nothing is guessed.
 * @throws JANUS_HOST_UNFIT for none that Janus edits, and for two that contend, naming both
 */
export async function findBootLoader(host: Host): Promise<BootLoader> {
  const told = await toldLoader(host)
  if (told?.isCertain) throw refuseTold(host, told)
  if (await host.exists(KERNELSTUB)) return { kind: 'kernelstub', name: 'kernelstub', evidence: [present(KERNELSTUB)] }
  const information = await readLoaderInformation(host)
  const named = information.name === undefined ? [] : [{ path: LOADER_INFO, value: information.name }]
  const isSystemdBoot = information.name?.startsWith('systemd-boot') ?? false
  const isGrub = information.name?.startsWith('GRUB') ?? false
  if (information.name !== undefined && !isSystemdBoot && !isGrub) throw unknownLoader(host, information.name)

  const uuids = (await host.readText(PROXMOX)).value?.trim()
  if (uuids !== undefined && uuids !== '') return proxmox(host, isSystemdBoot, isGrub || information.isShown, named)

  const grub = await grubEvidence(host)
  const systemdBoot = await systemdBootEvidence(host)
  const useGrub = grub.length > 0 && !isSystemdBoot
  const useSystemdBoot = systemdBoot.length > 0 && !isGrub
  if (useGrub && useSystemdBoot) throw contention(host, 'GRUB', grub, 'systemd-boot', systemdBoot)
  // A file that another loader left behind says nothing where the running one gave its name.
  if (told !== undefined && information.name === undefined) {
    const ofTold = [present(told.path)]
    if (useGrub) throw contention(host, 'GRUB', grub, told.name, ofTold)
    if (useSystemdBoot) throw contention(host, 'systemd-boot', systemdBoot, told.name, ofTold)
    throw refuseTold(host, told)
  }
  if (useGrub) return grubLoader(host, [...named, ...grub])
  if (useSystemdBoot) return { kind: 'systemd-boot', name: 'systemd-boot', evidence: [...named, ...systemdBoot] }
  throw noLoader(host, named)
}

/** Of Proxmox, GRUB starts a machine without EFI, and one with Secure Boot; systemd-boot the others. */
async function proxmox(
  host: Host,
  isSystemdBoot: boolean,
  isKnownAsGrub: boolean,
  named: readonly Evidence[],
): Promise<BootLoader> {
  const evidence = [present(PROXMOX), ...named]
  const isEfi = await host.exists(EFI)
  const grub: BootLoader = {
    kind: 'proxmox-grub',
    name: 'GRUB by proxmox-boot-tool',
    evidence: [...evidence, { path: EFI, ...(isEfi ? { value: '(present)' } : {}) }],
  }
  const systemdBoot: BootLoader = { kind: 'proxmox-systemd-boot', name: 'systemd-boot by proxmox-boot-tool', evidence }
  if (isSystemdBoot) return systemdBoot
  if (isKnownAsGrub) return grub
  const hasCommandLine = await host.exists(CMDLINE)
  const hasDefaults = await host.exists(DEFAULTS)
  if (hasDefaults && (!hasCommandLine || !isEfi)) return grub
  if (hasCommandLine && !hasDefaults) return systemdBoot
  throw contention(host, grub.name, [present(DEFAULTS)], systemdBoot.name, [present(CMDLINE)])
}

/** With entries that GRUB reads itself, as of Fedora, the settings are only what new entries are made of. */
async function grubLoader(host: Host, evidence: readonly Evidence[]): Promise<BootLoader> {
  const settings = (await host.readText(DEFAULTS)).value ?? ''
  const entries = await filesIn(host, '/boot/loader/entries', '.conf')
  const usesEntries = /^\s*GRUB_ENABLE_BLSCFG=["']?true["']?\s*$/m.test(settings) && entries.length > 0
  if (!usesEntries) return { kind: 'grub', name: 'GRUB', evidence }
  const shown = { path: DEFAULTS, value: 'GRUB_ENABLE_BLSCFG=true' }
  return {
    kind: 'grubby',
    name: 'GRUB with entries, by grubby',
    evidence: [...evidence, shown, ...entries.slice(0, 1).map(present)],
  }
}

async function grubEvidence(host: Host): Promise<readonly Evidence[]> {
  if (!(await host.exists(DEFAULTS))) return []
  const vendors = (await host.list('/boot/efi/EFI')).value ?? []
  const generated = await firstPresent(host, [
    '/boot/grub/grub.cfg',
    '/boot/grub2/grub.cfg',
    ...vendors.map((vendor) => `/boot/efi/EFI/${vendor}/grub.cfg`),
  ])
  return generated === undefined ? [] : [present(DEFAULTS), present(generated)]
}

async function systemdBootEvidence(host: Host): Promise<readonly Evidence[]> {
  for (const place of BOOT_PLACES) {
    const program = (await filesIn(host, `${place}/EFI/systemd`, '.efi')).find((path) => /systemd-boot/.test(path))
    const configuration = `${place}/loader/loader.conf`
    const shown = program ?? ((await host.exists(configuration)) ? configuration : undefined)
    if (shown === undefined) continue
    return [present(shown), ...(await systemdEntries(host)).slice(0, 1).map(present)]
  }
  return []
}

/** Entries of systemd-boot that start a Linux kernel, in all places where they may lie. */
export async function systemdEntries(host: Host): Promise<readonly string[]> {
  const entries: string[] = []
  for (const place of BOOT_PLACES) {
    for (const path of await filesIn(host, `${place}/loader/entries`, '.conf')) {
      if (isLinuxEntry((await host.readText(path)).value ?? '')) entries.push(path)
    }
  }
  return entries
}

function contention(
  host: Host,
  one: string,
  ofOne: readonly Evidence[],
  other: string,
  ofOther: readonly Evidence[],
): Error {
  const words = (evidence: readonly Evidence[]) => evidence.map(({ path }) => path).join(', ')
  const message = `${host.description} has two boot loaders, ${one} (${words(ofOne)}) and ${other} (${words(ofOther)}), and nothing shows which of them starts it (${LOADER_INFO})`
  const remedy = 'Remove the one that is not used, or edit the kernel command line by hand.'
  return janusError('JANUS_HOST_UNFIT', message, { remedy, data: { evidence: [...ofOne, ...ofOther] } })
}

function unknownLoader(host: Host, name: string): Error {
  const message = `${host.description} was started by ${JSON.stringify(name)} (${LOADER_INFO}), whose files Janus does not edit`
  const remedy = 'Add the parameters to its configuration by hand; `janus check` says when they are in effect.'
  return janusError('JANUS_HOST_UNFIT', message, { remedy, data: { path: LOADER_INFO, value: name } })
}

function noLoader(host: Host, named: readonly Evidence[]): Error {
  const looked = `${DEFAULTS} with a grub.cfg, loader/loader.conf below ${BOOT_PLACES.join(', ')}, ${KERNELSTUB}, ${PROXMOX}`
  const message = `${host.description} shows no boot loader that Janus knows: no ${looked}`
  const remedy = 'Add the parameters to the configuration of its boot loader by hand.'
  return janusError('JANUS_HOST_UNFIT', message, { remedy, data: { evidence: named } })
}
