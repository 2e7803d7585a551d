import { posix } from 'node:path'
import type { Host } from '../../contract/host.js'
import type { Snapshot, SnapshotEntry } from '../../contract/snapshot.js'
import { MAXIMUM_LINKS } from '../host-path.js'

/**
 * Records what a host shows, under real paths, with the links that lead there. `isExpected` says that the absence of the
 * path is worth recording too.
 */
export interface Recorder {
  readonly entries: ReadonlyMap<string, Snapshot['entries'][string]>
  /** @param edit what is kept of the text */
  text(path: string, isExpected: boolean, edit?: (text: string) => string): Promise<void>
  link(path: string, isExpected: boolean): Promise<string | undefined>
  /** @returns the names, `[]` when there are none to be had */
  names(path: string, isExpected: boolean): Promise<readonly string[]>
  presence(path: string, isExpected: boolean): Promise<void>
}

/** Longest text that is kept; lists of depmod are longer before they are edited. */
const MOST_CHARACTERS = 1024 * 1024

/** Makes a recorder of a host. */
export function createRecorder(host: Host): Recorder {
  const entries = new Map<string, Snapshot['entries'][string]>()
  const directories = new Map<string, string>([['/', '/']])

  const put = (path: string, entry: SnapshotEntry) => {
    if (!entries.has(path)) entries.set(path, entry)
  }

  async function realDirectory(path: string, hops = 0): Promise<string> {
    const known = directories.get(path)
    if (known !== undefined) return known
    const candidate = posix.join(await realDirectory(posix.dirname(path), hops), posix.basename(path))
    const real = await follow(candidate, hops)
    directories.set(path, real)
    return real
  }

  // Below /proc, `self` and `net` mean the process that reads: their entries are kept under these names.
  async function follow(candidate: string, hops: number): Promise<string> {
    if (candidate.startsWith('/proc/') || hops > MAXIMUM_LINKS) return candidate
    const target = (await host.readLink(candidate)).value
    if (target === undefined) return candidate
    put(candidate, { link: target })
    return realDirectory(target, hops + 1)
  }

  async function candidateFor(path: string): Promise<string> {
    return posix.join(await realDirectory(posix.dirname(path)), posix.basename(path))
  }

  async function locate(path: string): Promise<string> {
    return follow(await candidateFor(path), 0)
  }

  // The first directory that is missing says all there is to say.
  async function putAbsent(path: string): Promise<void> {
    let missing = path
    while (posix.dirname(missing) !== '/' && !(await host.exists(posix.dirname(missing))))
      missing = posix.dirname(missing)
    if (!isListedAbsent(missing)) put(missing, { absent: true })
  }

  // A directory that was listed has shown already what is not in it.
  function isListedAbsent(path: string): boolean {
    const listing = entries.get(posix.dirname(path))
    return listing !== undefined && 'names' in listing && !listing.names.includes(posix.basename(path))
  }

  async function putMissing(path: string, isExpected: boolean, unreadable: string | undefined): Promise<void> {
    if (unreadable === undefined && isExpected) await putAbsent(path)
    else if (unreadable !== undefined && unreadable !== 'not-captured') put(path, { unreadable })
  }

  // What the kernel shows has the mode that it has everywhere.
  async function permissions(path: string): Promise<{ mode?: number; uid?: number; gid?: number }> {
    const { value } = /^\/(?:proc|sys)\//.test(path) ? {} : await host.stat(path)
    return value === undefined ? {} : { mode: value.mode, uid: value.uid, gid: value.gid }
  }

  return {
    entries,
    async text(path, isExpected, edit = (text) => text) {
      const candidate = await candidateFor(path)
      if (isListedAbsent(candidate)) return
      const real = await follow(candidate, 0)
      if (entries.has(real)) return
      const { value, unreadable } = await host.readBytes(real)
      if (value === undefined) return putMissing(real, isExpected, unreadable)
      const text = edit(Buffer.from(value).toString('utf8'))
      put(real, text.length > MOST_CHARACTERS ? { unreadable: 'too-large' } : { text, ...(await permissions(real)) })
    },
    async link(path, isExpected) {
      const candidate = await candidateFor(path)
      if (isListedAbsent(candidate)) return undefined
      const { value, unreadable } = await host.readLink(candidate)
      if (value !== undefined) put(candidate, { link: value })
      else if (!(await host.exists(candidate))) await putMissing(candidate, isExpected, unreadable)
      return value
    },
    async names(path, isExpected) {
      const real = await locate(path)
      const recorded = entries.get(real)
      if (recorded !== undefined && 'names' in recorded) return recorded.names
      const { value, unreadable } = await host.list(real)
      if (value !== undefined) put(real, { names: value })
      else await putMissing(real, isExpected, unreadable)
      return value ?? []
    },
    async presence(path, isExpected) {
      const real = await locate(path)
      const { value, unreadable } = await host.stat(real)
      if (value === undefined) return putMissing(real, isExpected, unreadable)
      const { type, device, mode, uid, gid } = value
      const isDevice = type === 'character-device' || type === 'block-device'
      if (isDevice && device !== undefined) entries.set(real, { device, type, mode, uid, gid })
      else if (type === 'file') entries.set(real, { unreadable: 'not-captured', mode, uid, gid })
    },
  }
}
