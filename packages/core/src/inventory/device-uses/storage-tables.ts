import type { Host } from '../../contract/host.js'
import { readMounts } from '../mounts.js'
import type { Mount } from '../parse/mountinfo.js'
import { parseCrypttab, parseFstab, parseSwaps } from '../parse/tables.js'
import { listNames, readValue } from '../read-value.js'
import type { BlockDevice } from './block-devices.js'
import type { BlockLookup } from './block-lookup.js'

/** One thing that the host does, or will do at the next boot, with a block device. */
export interface BlockUse {
  readonly kind: 'mount' | 'swap' | 'fstab' | 'loop'
  readonly severity: 'blocking' | 'notice'
  /** What it is used for, as a sentence continues: `is mounted on /home`. */
  readonly words: string
  /** End of the chain: `/home`, `swap`. */
  readonly end: string
  readonly evidence: string
}

/** Variable of the Boot Loader Interface (systemd.io/BOOT_LOADER_INTERFACE). */
const LOADER_PARTITION = '/sys/firmware/efi/efivars/LoaderDevicePartUUID-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f'

/** Reads what each block device is used for itself, by name. What lies on top of it is not looked at. */
export async function readBlockUses(
  host: Host,
  devices: ReadonlyMap<string, BlockDevice>,
  lookup: BlockLookup,
): Promise<ReadonlyMap<string, readonly BlockUse[]>> {
  const uses = new Map<string, BlockUse[]>()
  const add = (device: BlockDevice | undefined, use: BlockUse) => {
    if (device === undefined) return
    const known = uses.get(device.name) ?? []
    if (!known.some(({ kind, end }) => kind === use.kind && end === use.end)) uses.set(device.name, [...known, use])
  }
  for (const mount of await readMounts(host)) {
    const { mountPoint, evidence } = mount
    const words = `is mounted on ${mountPoint}`
    const use: BlockUse = { kind: 'mount', severity: 'blocking', words, end: mountPoint, evidence }
    for (const device of await devicesOf(host, mount, devices, lookup)) add(device, use)
  }
  for (const path of parseSwaps((await host.readText('/proc/swaps')).value ?? '')) {
    add(await lookup.bySource(path), {
      kind: 'swap',
      severity: 'blocking',
      words: 'is in use as swap',
      end: 'swap',
      evidence: '/proc/swaps',
    })
  }
  for (const { name, path, backingFile } of devices.values()) {
    if (backingFile === undefined) continue
    const evidence = `${path}/loop/backing_file`
    add(await lookup.bySource(backingFile), {
      kind: 'loop',
      severity: 'blocking',
      words: `backs ${name}`,
      end: name,
      evidence,
    })
  }
  await addBootEntries(host, lookup, uses, add)
  return uses
}

// What the next boot expects, unless it is in use now and said already.
async function addBootEntries(
  host: Host,
  lookup: BlockLookup,
  uses: ReadonlyMap<string, readonly BlockUse[]>,
  add: (device: BlockDevice | undefined, use: BlockUse) => void,
): Promise<void> {
  for (const { source, mountPoint, options, line } of parseFstab(await textOf(host, '/etc/fstab'))) {
    const device = await lookup.bySource(source)
    const isActive = uses.get(device?.name ?? '')?.some(({ kind, end }) => end === mountPoint || kind === 'swap')
    if (isActive === true) continue
    const isOptional = options.includes('noauto') || options.includes('nofail')
    const words = `is to be mounted on ${mountPoint} by /etc/fstab, line ${line}`
    add(device, {
      kind: 'fstab',
      severity: isOptional ? 'notice' : 'blocking',
      words,
      end: mountPoint,
      evidence: '/etc/fstab',
    })
  }
  for (const { name, source, options, line } of parseCrypttab(await textOf(host, '/etc/crypttab'))) {
    const device = await lookup.bySource(source)
    if (device === undefined || (await lookup.bySource(`/dev/mapper/${name}`)) !== undefined) continue
    const isOptional = options.includes('noauto') || options.includes('nofail')
    const words = `is to be opened as ${name} by /etc/crypttab, line ${line}`
    add(device, {
      kind: 'fstab',
      severity: isOptional ? 'notice' : 'blocking',
      words,
      end: name,
      evidence: '/etc/crypttab',
    })
  }
}

async function textOf(host: Host, path: string): Promise<string> {
  return (await host.readText(path)).value ?? ''
}

/** The devices a mounted file system lies on: several for btrfs and bcachefs, and for external logs. */
async function devicesOf(
  host: Host,
  mount: Mount,
  devices: ReadonlyMap<string, BlockDevice>,
  lookup: BlockLookup,
): Promise<readonly BlockDevice[]> {
  const found = new Map<string, BlockDevice>()
  const note = (device: BlockDevice | undefined) => {
    if (device !== undefined) found.set(device.name, device)
  }
  note(lookup.byNumber(mount.device))
  const sources = mount.type === 'bcachefs' ? mount.source.split(':') : [mount.source]
  const logs = mount.options.flatMap((option) => /^(?:logdev|rtdev|journal_path)=(\/dev\/.+)$/.exec(option)?.[1] ?? [])
  for (const source of [...sources, ...logs]) if (source.startsWith('/dev/')) note(await lookup.bySource(source))
  if (mount.type === 'btrfs')
    for (const member of await btrfsMembers(host, [...found.keys()])) note(devices.get(member))
  return [...found.values()]
}

async function btrfsMembers(host: Host, known: readonly string[]): Promise<readonly string[]> {
  for (const uuid of await listNames(host, '/sys/fs/btrfs')) {
    const members = await listNames(host, `/sys/fs/btrfs/${uuid}/devices`)
    if (members.some((member) => known.includes(member))) return members
  }
  return []
}

/** Partition UUID of the EFI system partition that the machine was started from, as the boot loader left it. */
export async function readBootPartition(
  host: Host,
): Promise<{ readonly uuid: string; readonly evidence: string } | undefined> {
  const evidence = LOADER_PARTITION
  const text = await readValue(host, evidence)
  // Four bytes of attributes, then UTF-16.
  const uuid = text?.replaceAll('\0', '').match(/[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}/)?.[0]
  return uuid === undefined ? undefined : { uuid: uuid.toLowerCase(), evidence }
}
