import { posix } from 'node:path'
import type { Host, HostStat, Reading } from '../../contract/host.js'
import { MAXIMUM_PIECES_BYTES, onePiece } from '../../host/read-pieces.js'
import { byCodePoint, type FileTree, type Lookup } from './file-tree.js'
import type { AttributeNode, TreeNode } from './tree-node.js'

const MOST_TEXT = 1_048_576
const MOST_BYTES = 16_777_216

/** What a {@link Host} over a tree says of itself. */
export interface TreeHostIdentity {
  readonly kind: Host['kind']
  readonly root: string
  readonly description: string
}

/** A {@link Host} that reads an in-memory tree; an attribute that would block reads as `timeout`. */
export function createTreeHost(tree: FileTree, identity: TreeHostIdentity): Host {
  function find(path: string, followLast = true): Lookup | { readonly errno: 'EINVAL'; readonly node?: undefined } {
    return path.startsWith('/') && !path.includes('\0') ? tree.lookup(path, { followLast }) : { errno: 'EINVAL' }
  }

  async function readBytes(path: string, most: number): Promise<Reading<Uint8Array>> {
    const { node, errno } = find(path)
    if (node === undefined) return nothingAt(errno)
    const reading = contentOf(node)
    return (reading.value?.length ?? 0) > most ? { unreadable: 'too-large' } : reading
  }
  return {
    ...identity,
    async readText(path) {
      const reading = await readBytes(path, MOST_TEXT)
      return reading.value === undefined
        ? { unreadable: reading.unreadable }
        : { value: Buffer.from(reading.value).toString('utf8') }
    },
    readBytes: (path) => readBytes(path, MOST_BYTES),
    async readPieces(path) {
      const { value, unreadable } = await readBytes(path, MAXIMUM_PIECES_BYTES)
      return value === undefined ? { unreadable } : { value: onePiece(value) }
    },
    async readLinkText(path) {
      const { node, errno } = find(path, false)
      if (node === undefined) return nothingAt(errno)
      if (node.type === 'unreadable') return { unreadable: node.reason }
      return node.type === 'link' ? { value: node.target } : {}
    },
    async readLink(path) {
      const found = find(path, false)
      if (found.node === undefined) return nothingAt(found.errno)
      if (found.node.type === 'unreadable') return { unreadable: found.node.reason }
      if (found.node.type !== 'link') return {}
      return { value: posix.resolve(posix.dirname(found.path), found.node.target) }
    },
    async list(path) {
      const { node, errno } = find(path)
      if (node === undefined) return nothingAt(errno)
      if (node.type === 'unreadable') return { unreadable: node.reason }
      return node.type === 'directory' ? { value: [...node.entries.keys()].sort(byCodePoint) } : {}
    },
    async exists(path) {
      const { node } = find(path)
      return node !== undefined && node.type !== 'unreadable'
    },
    async stat(path) {
      const { node, errno } = find(path)
      return node === undefined ? nothingAt(errno) : statOf(node)
    },
  }
}

/** The text of an attribute, or why it gives none: it is write-only, or whoever reads it would block. */
export function readAttributeNow(node: AttributeNode): Reading<string> {
  if (node.show === undefined) return { unreadable: 'denied' }
  if (node.refusal?.() !== undefined) return { unreadable: 'error' }
  const reading = node.show()
  for (;;) {
    const step = reading.next()
    if (step.done) return { value: step.value }
    if (!step.value()) return { unreadable: 'timeout' }
  }
}

function contentOf(node: TreeNode): Reading<Uint8Array> {
  switch (node.type) {
    case 'file':
      return { value: node.bytes }
    case 'attribute': {
      const reading = readAttributeNow(node)
      return reading.value === undefined
        ? { unreadable: reading.unreadable }
        : { value: Buffer.from(reading.value, 'utf8') }
    }
    case 'unreadable':
      return { unreadable: node.reason }
    default:
      return { unreadable: 'error' }
  }
}

/** A path that leads nowhere is absent; one that leads in circles, or is none, cannot be known. */
function nothingAt(errno: string): Reading<never> {
  return errno === 'ELOOP' || errno === 'EINVAL' ? { unreadable: 'error' } : {}
}

function statOf(node: TreeNode): Reading<HostStat> {
  switch (node.type) {
    case 'unreadable':
      return { unreadable: node.reason }
    case 'attribute':
      return { value: { type: 'file', mode: node.mode, uid: 0, gid: 0, size: 4096 } }
    case 'link':
      return {}
    case 'file':
      return { value: { type: 'file', mode: node.mode, uid: node.uid, gid: node.gid, size: node.bytes.length } }
    case 'directory':
      return { value: { type: 'directory', mode: node.mode, uid: node.uid, gid: node.gid, size: 0 } }
    default:
      return { value: { type: node.type, mode: node.mode, uid: node.uid, gid: node.gid, size: 0, device: node.device } }
  }
}
