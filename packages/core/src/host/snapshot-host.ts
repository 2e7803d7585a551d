import { posix } from 'node:path'
import type { Host, HostStat, Reading, UnreadableReason } from '../contract/host.js'
import type { Snapshot, SnapshotEntry } from '../contract/snapshot.js'
import { MAXIMUM_LINKS, normaliseHostPath, resolveLinkTarget, sortByCodePoint } from './host-path.js'
import { MAXIMUM_TEXT_BYTES } from './read-bounded.js'
import { onePiece } from './read-pieces.js'

/** A host that answers from a captured machine; it carries the snapshot so that queries can be answered from it too. */
export interface SnapshotHost extends Host {
  readonly kind: 'snapshot'
  readonly snapshot: Snapshot
}

type StoredEntry = Snapshot['entries'][string]

/** What a path came to: an entry or a directory known by what lies in it; nothing; or unknown. */
type Found =
  | {
      readonly real: string
      readonly entry?: StoredEntry
      readonly missing?: undefined
      readonly unreadable?: undefined
    }
  | { readonly missing: true; readonly unreadable?: undefined; readonly isThere?: undefined }
  | { readonly missing?: undefined; readonly unreadable: UnreadableReason; readonly isThere?: boolean }

const REASONS: readonly UnreadableReason[] = ['timeout', 'denied', 'not-captured', 'outside-root', 'too-large', 'error']

/**
 * Makes a host of a captured machine. A path that its snapshot says nothing about is `not-captured`; a path that the
 * snapshot shows not to be there (its directory was listed without it, or it was looked for) is absent.
 * @param snapshot a snapshot that `parseSnapshot` accepted or a capture made
 * @param description for messages; default names the time of capture
 */
export function createSnapshotHost(snapshot: Snapshot, description?: string): SnapshotHost {
  const entries = new Map(Object.entries(snapshot.entries))
  const children = childrenByDirectory(entries)
  const find = (path: string, followLast: boolean) => findEntry(entries, children, path, followLast)
  return {
    kind: 'snapshot',
    root: '/',
    description: description ?? `snapshot of ${snapshot.capturedAt}`,
    snapshot,
    readText: async (path) => textOf(find(path, true)),
    async readBytes(path) {
      const { value, unreadable } = textOf(find(path, true))
      if (value !== undefined) return { value: Buffer.from(value) }
      return unreadable === undefined ? {} : { unreadable }
    },
    async readPieces(path) {
      const { value, unreadable } = textOf(find(path, true))
      if (value !== undefined) return { value: onePiece(Buffer.from(value)) }
      return unreadable === undefined ? {} : { unreadable }
    },
    async readLinkText(path) {
      const found = find(path, false)
      if (isUnknown(found)) return unknown(found)
      return found.entry !== undefined && 'link' in found.entry ? { value: found.entry.link } : {}
    },
    async readLink(path) {
      const found = find(path, false)
      if (isUnknown(found)) return unknown(found)
      if (found.entry === undefined || !('link' in found.entry)) return {}
      const target = resolveLinkTarget(posix.dirname(found.real), found.entry.link)
      return target === undefined ? { unreadable: 'outside-root' } : { value: target }
    },
    async list(path) {
      const found = find(path, true)
      if (isUnknown(found)) return unknown(found)
      if (found.entry !== undefined && !('names' in found.entry)) return {}
      return { value: sortByCodePoint(new Set([...(found.entry?.names ?? []), ...(children.get(found.real) ?? [])])) }
    },
    async exists(path) {
      const found = find(path, true)
      return !isUnknown(found) || found.isThere === true
    },
    async stat(path) {
      const found = find(path, true)
      return isUnknown(found) ? unknown(found) : { value: statOf(found.entry) }
    },
  }
}

/** True for a host made by {@link createSnapshotHost}. */
export function isSnapshotHost(host: Host): host is SnapshotHost {
  return host.kind === 'snapshot' && 'snapshot' in host
}

function findEntry(
  entries: ReadonlyMap<string, StoredEntry>,
  children: ReadonlyMap<string, ReadonlySet<string>>,
  path: string,
  followLast: boolean,
): Found {
  const normalised = normaliseHostPath(path)
  if (normalised === undefined) return { unreadable: 'error' }
  const pending = normalised.split('/').filter((part) => part !== '')
  let real = ''
  let links = 0
  while (pending.length > 0) {
    const candidate = `${real}/${pending.shift() ?? ''}`
    const entry = entries.get(candidate)
    const isLast = pending.length === 0
    if (entry === undefined && !children.has(candidate)) {
      const found = unmentioned(entries, real, candidate)
      return isLast || found.missing === true ? found : { unreadable: 'not-captured' }
    }
    if (entry !== undefined && 'absent' in entry) return { missing: true }
    if (entry !== undefined && 'unreadable' in entry) return { unreadable: reasonOf(entry.unreadable), isThere: isLast }
    if (entry !== undefined && 'link' in entry && (!isLast || followLast)) {
      links += 1
      const target = resolveLinkTarget(real, entry.link)
      if (links > MAXIMUM_LINKS) return { unreadable: 'error' }
      if (target === undefined) return { unreadable: 'outside-root' }
      pending.unshift(...target.split('/').filter((part) => part !== ''))
      real = ''
      continue
    }
    if (!isLast && entry !== undefined && !('names' in entry)) return { missing: true }
    real = candidate
  }
  const entry = entries.get(real === '' ? '/' : real)
  return { real: real === '' ? '/' : real, ...(entry === undefined ? {} : { entry }) }
}

// A complete listing of the nearest directory decides; without one nothing is known.
function unmentioned(
  entries: ReadonlyMap<string, StoredEntry>,
  directory: string,
  path: string,
): Exclude<Found, { readonly real: string }> {
  const listing = entries.get(directory === '' ? '/' : directory)
  if (listing === undefined || !('names' in listing)) return { unreadable: 'not-captured' }
  return listing.names.includes(posix.basename(path))
    ? { unreadable: 'not-captured', isThere: true }
    : { missing: true }
}

function textOf(found: Found): Reading<string> {
  if (isUnknown(found)) return unknown(found)
  if (found.entry === undefined || !('text' in found.entry)) return { unreadable: 'error' }
  return found.entry.text.length > MAXIMUM_TEXT_BYTES ? { unreadable: 'too-large' } : { value: found.entry.text }
}

function isUnknown(found: Found): found is Exclude<Found, { readonly real: string }> {
  return found.missing === true || found.unreadable !== undefined
}

function unknown(found: Exclude<Found, { readonly real: string }>): Reading<never> {
  return found.unreadable === undefined ? {} : { unreadable: found.unreadable }
}

// What was looked for and is absent shows that the directory it was looked for in is there.
function childrenByDirectory(entries: ReadonlyMap<string, StoredEntry>): ReadonlyMap<string, ReadonlySet<string>> {
  const children = new Map<string, Set<string>>()
  for (const [path, entry] of entries) {
    let child = path
    let isChildThere = !('absent' in entry)
    while (child !== '/') {
      const directory = posix.dirname(child)
      const known = children.get(directory)
      const names = known ?? new Set<string>()
      if (isChildThere) names.add(posix.basename(child))
      if (known !== undefined) break
      children.set(directory, names)
      child = directory
      isChildThere = true
    }
  }
  return children
}

function reasonOf(text: string): UnreadableReason {
  return REASONS.find((reason) => reason === text) ?? 'error'
}

function statOf(entry: StoredEntry | undefined): HostStat {
  const type = typeOf(entry)
  return {
    type,
    mode: entry?.mode ?? (type === 'directory' ? 0o755 : 0o444),
    uid: entry?.uid ?? 0,
    gid: entry?.gid ?? 0,
    size: entry !== undefined && 'text' in entry ? Buffer.byteLength(entry.text) : 0,
    ...(entry !== undefined && 'device' in entry ? { device: entry.device } : {}),
  }
}

function typeOf(entry: SnapshotEntry | undefined): HostStat['type'] {
  if (entry === undefined || 'names' in entry) return 'directory'
  if ('device' in entry) return entry.type
  return 'text' in entry ? 'file' : 'other'
}
