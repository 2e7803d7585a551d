import { posix } from 'node:path'
import type { UndoChange } from '../../contract/change.js'
import type { Host, HostStat, Reading } from '../../contract/host.js'
import { resolveLinkTarget, sortByCodePoint } from '../../host/host-path.js'
import { onePiece } from '../../host/read-pieces.js'
import { layChange } from './lay-change.js'
import { createOverlayTree, type OverlayNode, type Place } from './overlay-tree.js'

/** A host with planned changes laid over it: reading it shows what the host will show once they have been made. */
export interface Overlay {
  /** What is readable now. Who remembers answers by the object gets a new one with every call. */
  host(): Host
  /** Lays one change. What only the kernel knows (what a program writes, which devices appear) is not guessed. */
  lay(change: UndoChange): Promise<void>
  /** What was read since the last call although nobody knows it yet. */
  takePendingReads(): readonly PendingRead[]
}

/** Something that was read before it can be known. */
export interface PendingRead {
  readonly path: string
  /** Who makes it known: a program that is yet to write it, or the kernel once a change is made. */
  readonly by: 'program' | 'kernel'
}

/** Lays changes over a host; nothing is ever written to it. */
export function createOverlay(below: Host): Overlay {
  const tree = createOverlayTree(below)
  const pendingReads = new Map<string, PendingRead>()

  /** Asks what is laid, and the host for the rest: by the path that was asked for where it knows it by that name. */
  async function ask<Value>(
    path: string,
    followLast: boolean,
    laid: (node: OverlayNode, place: Place) => Reading<Value> | Promise<Reading<Value>>,
    fromBelow: (path: string, place: Place) => Promise<Reading<Value>>,
  ): Promise<Reading<Value>> {
    const place = await tree.locate(path, followLast)
    if (place === undefined) return { unreadable: 'error' }
    if (place.node === undefined) return fromBelow(place.isLaid ? place.path : path, place)
    if (place.node.type === 'absent') return {}
    return place.node.type === 'pending' ? planned(place, place.node.by) : laid(place.node, place)
  }

  function planned({ path }: Place, by: PendingRead['by'] = 'program'): Reading<never> {
    pendingReads.set(path, { path, by })
    return { unreadable: 'planned' }
  }

  const readLinkText = (path: string): Promise<Reading<string>> =>
    ask<string>(
      path,
      false,
      (node) => (node.type === 'link' ? { value: node.target } : {}),
      (real) => below.readLinkText(real),
    )

  const readBytes = (path: string): Promise<Reading<Uint8Array>> =>
    ask(path, true, bytesOf, (real) => below.readBytes(real))

  function view(): Host {
    return {
      kind: below.kind,
      root: below.root,
      description: below.description,
      readText: (path) =>
        ask(
          path,
          true,
          (node) => mapReading(bytesOf(node), (bytes) => Buffer.from(bytes).toString('utf8')),
          (real) => below.readText(real),
        ),
      readBytes,
      readPieces: (path) =>
        ask<AsyncIterable<Uint8Array>>(
          path,
          true,
          // A digest of what is only foreseen would be one that no file will have.
          (node, place) => (node.type === 'foreseen' ? planned(place) : mapReading(bytesOf(node), onePiece)),
          (real) => below.readPieces(real),
        ),
      readLinkText,
      readLink: (path) =>
        ask<string>(
          path,
          false,
          (node, place) => {
            if (node.type !== 'link') return {}
            const target = resolveLinkTarget(posix.dirname(place.path), node.target)
            return target === undefined ? { unreadable: 'error' } : { value: target }
          },
          (real) => below.readLink(real),
        ),
      list: (path) =>
        ask(
          path,
          true,
          (node, place) => (node.type === 'directory' ? { value: withLaid([], place.path) } : {}),
          async (real, place) => mapReading(await below.list(real), (names) => withLaid(names, place.path)),
        ),
      async exists(path) {
        const place = await tree.locate(path)
        if (place?.node?.type === 'pending' && place.node.exists) return true
        const { value } = await ask(
          path,
          true,
          () => ({ value: true }),
          async (real) => ({ value: await below.exists(real) }),
        )
        return value === true
      },
      stat: (path) =>
        ask(
          path,
          true,
          (node, place) => {
            if (node.type === 'foreseen') return planned(place)
            return node.type === 'attribute' ? statOfAttribute(place.path) : statOf(node)
          },
          (real) => below.stat(real),
        ),
    }
  }

  async function statOfAttribute(path: string): Promise<Reading<HostStat>> {
    const stat = await below.stat(path)
    return stat.value === undefined ? { value: { type: 'file', mode: 0o644, uid: 0, gid: 0, size: 4096 } } : stat
  }

  function withLaid(names: readonly string[], directory: string): readonly string[] {
    const laid = tree.childrenOf(directory)
    if (laid.size === 0) return names
    const all = new Set(names)
    for (const [name, node] of laid) {
      if (node.type === 'absent') all.delete(name)
      else if (node.type !== 'pending' || node.exists) all.add(name)
    }
    return sortByCodePoint(all)
  }

  return {
    host: () => (tree.isEmpty ? below : view()),
    lay: (change) => layChange({ tree, host: view() }, change),
    takePendingReads() {
      const reads = [...pendingReads.values()]
      pendingReads.clear()
      return reads
    },
  }
}

function bytesOf(node: OverlayNode): Reading<Uint8Array> {
  if (node.type === 'file' || node.type === 'foreseen') return { value: node.bytes }
  if (node.type === 'attribute') return { value: Buffer.from(node.text, 'utf8') }
  return { unreadable: 'error' }
}

function statOf(node: OverlayNode): Reading<HostStat> {
  if (node.type === 'file') {
    const { mode, uid, gid, bytes } = node
    return { value: { type: 'file', mode, uid, gid, size: bytes.length } }
  }
  if (node.type !== 'directory') return {}
  const { mode, uid, gid } = node
  return { value: { type: 'directory', mode, uid, gid, size: 0 } }
}

function mapReading<From, To>(reading: Reading<From>, map: (value: From) => To): Reading<To> {
  return reading.value === undefined ? { unreadable: reading.unreadable } : { value: map(reading.value) }
}
