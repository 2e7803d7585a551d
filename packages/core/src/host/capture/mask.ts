import type { Snapshot, SnapshotEntry } from '../../contract/snapshot.js'
import { type AddressMask, createAddressMask } from './address-mask.js'
import { maskIpv4Routes, maskIpv6Addresses, maskIpv6Routes, maskSockets } from './mask-network.js'
import { maskCommandLine, maskCrypttab, maskFstab, maskMountinfo, maskUdev } from './mask-storage.js'
import { createTokens, type Tokens } from './tokens.js'

/** What masks are made with. */
export interface MaskContext {
  readonly tokens: Tokens
  readonly addresses: AddressMask
  /** Masks what is private in any text: UUIDs, hardware addresses, home directories. */
  common(text: string): string
}

type Entries = ReadonlyMap<string, Snapshot['entries'][string]>

/**
 * Replaces what identifies a machine or its people by tokens: UUIDs, labels, volume names, hardware and IP addresses,
 * servers, users, secrets of the command line. The same word gets the same token wherever it stands.
 * @param entries captured paths
 * @param salt secret of this capture
 * @param hostname name of the machine, if it is known
 */
export function maskEntries(
  entries: Entries,
  salt: string,
  hostname: string | undefined,
): { entries: Entries; context: MaskContext } {
  const boot = entries.get('/proc/sys/kernel/random/boot_id')
  const bootId = boot !== undefined && 'text' in boot ? boot.text.trim() : undefined
  const context = createMaskContext(salt, { hostname, bootId })
  const masked = new Map<string, Snapshot['entries'][string]>()
  // These come first: they tell which words are labels and names of volumes.
  const isFirst = (path: string) => Number(NAMING.test(path))
  const paths = [...entries.keys()].sort((a, b) => isFirst(b) - isFirst(a) || (a < b ? -1 : 1))
  for (const path of paths) {
    const entry = entries.get(path)
    if (entry !== undefined) masked.set(maskPath(path, context), { ...entry, ...maskEntry(path, entry, context) })
  }
  return { entries: masked, context }
}

/** The id of the boot is kept wherever it stands: of a file that names it, a check knows by that in which boot it was written. */
function createMaskContext(
  salt: string,
  { hostname, bootId }: { readonly hostname: string | undefined; readonly bootId: string | undefined },
): MaskContext {
  const tokens = createTokens()
  const own = hostname !== undefined && hostname.length >= 4 && hostname !== 'localhost' ? hostname : undefined
  return {
    tokens,
    addresses: createAddressMask(salt),
    common(text) {
      const plain = text
        .replace(LONG_UUID, (uuid) => (uuid === bootId ? uuid : tokens.uuid(uuid)))
        .replace(
          COLON_ADDRESS,
          (_, edge: string, address: string) => edge + withColons(tokens.hardwareAddress(address.replace(/[:-]/g, ''))),
        )
        .replace(INTERFACE_ADDRESS, (_, prefix: string, digits: string) => prefix + tokens.hardwareAddress(digits))
        .replace(HOME, (_, directory: string, user: string) => `${directory}${tokens.token('user', user)}`)
      return own === undefined ? plain : plain.replaceAll(own, 'host-1')
    },
  }
}

const LONG_UUID = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi
const COLON_ADDRESS = /(^|[^0-9a-f:])((?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2})(?![0-9a-f:])/gi
const INTERFACE_ADDRESS = /\b(enx|wlx|wwx)([0-9a-f]{12})\b/gi
const HOME = /(\/home\/|\/run\/media\/|\/media\/)([^/\s,:\\]+)/g

function withColons(digits: string): string {
  return (digits.match(/../g) ?? []).join(':')
}

const NAMING = /^\/run\/udev\/data\/|\/dm\/name$/

/** Masks a path: as text, and the names of ZFS pools, which are labels. */
function maskPath(path: string, context: MaskContext): string {
  const pool = /^(\/proc\/spl\/kstat\/zfs\/)(.+)$/.exec(path)
  if (pool === null) return context.common(path)
  return `${pool[1]}${context.tokens.known('label', pool[2] ?? '') ?? pool[2]}`
}

function maskEntry(path: string, entry: SnapshotEntry, context: MaskContext): SnapshotEntry {
  if ('text' in entry) return { text: maskText(path, entry.text, context) }
  if ('link' in entry) return { link: maskPath(entry.link, context) }
  if (!('names' in entry)) return entry
  const isPools = path === '/proc/spl/kstat/zfs'
  const names = entry.names.map(
    (name) => (isPools ? context.tokens.known('label', name) : undefined) ?? context.common(name),
  )
  return { names: [...new Set(names)] }
}

function maskText(path: string, text: string, context: MaskContext): string {
  if (KEPT.test(path)) return text
  const mask = MASKS.find(([pattern]) => pattern.test(path))?.[1]
  return mask === undefined ? context.common(text) : mask(text, context)
}

/** Texts that hold nothing private, although something in them may look like it. */
const KEPT = /^\/(?:proc\/(?:cpuinfo|meminfo|modules|iomem|interrupts|filesystems|sys\/)|(?:usr\/)?lib\/modules\/)/

const MASKS: readonly (readonly [RegExp, (text: string, context: MaskContext) => string])[] = [
  [/^\/run\/udev\/data\//, maskUdev],
  [/^\/proc\/cmdline$/, maskCommandLine],
  [/^\/proc\/[^/]+\/mountinfo$/, maskMountinfo],
  [/^\/etc\/fstab$|^\/proc\/(?:self\/)?mounts$/, maskFstab],
  [/^\/etc\/crypttab$/, maskCrypttab],
  [/\/dm\/name$/, (text, { tokens }) => `${tokens.token('volume', text.trim())}\n`],
  [
    /\/dm\/uuid$/,
    (text, { tokens }) =>
      text.replace(/^([A-Z0-9]+-)(.*)$/m, (_, kind: string, rest: string) => kind + tokens.token('volume-uuid', rest)),
  ],
  [/^\/proc\/version$/, (text) => text.replace(/\([^()\s]+@[^()\s]+\)/, '(builder@host)')],
  [/^\/proc\/net\/route$/, maskIpv4Routes],
  [/^\/proc\/net\/ipv6_route$/, maskIpv6Routes],
  [/^\/proc\/net\/if_inet6$/, maskIpv6Addresses],
  [/^\/proc\/net\/tcp6?$/, maskSockets],
  [/\/persistent_address$/, (text, { addresses }) => `${addresses.written(text.trim())}\n`],
]
