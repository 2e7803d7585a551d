import { posix } from 'node:path'
import type { DirectoryNode, TreeNode } from './tree-node.js'

const MOST_LINKS = 40

/** Where a path leads: the node and its path without links, or the errno. */
export type Lookup =
  | { readonly node: TreeNode; readonly path: string; readonly errno?: undefined }
  | { readonly errno: 'ENOENT' | 'ENOTDIR' | 'ELOOP'; readonly node?: undefined; readonly path?: undefined }

/** An in-memory file system: directories, files, links, device nodes and kernel attributes. */
export interface FileTree {
  readonly root: DirectoryNode
  /** Follows links on the way, and the last one too unless told otherwise. */
  lookup(path: string, options?: { readonly followLast?: boolean }): Lookup
  /** Puts a node at a path, replacing what was there; missing directories are created. */
  put(path: string, node: TreeNode): void
  /** Makes a directory and those above it where they are missing; in a kernel file system they belong to the kernel. */
  makeDirectory(path: string): void
  /** Takes a path away with everything below it; nothing happens when it is not there. */
  remove(path: string): void
  /** Every node with its path, directories before what they hold, sorted; links are not followed. */
  walk(): Iterable<readonly [path: string, node: TreeNode]>
}

/** Makes an empty tree. */
export function createFileTree(): FileTree {
  const root = directoryNode()

  function directoryAt(path: string): DirectoryNode {
    let current = root
    for (const name of partsOf(path)) {
      let next = current.entries.get(name)
      if (next === undefined) {
        next = directoryNode({ kernel: current.kernel })
        current.entries.set(name, next)
      }
      if (next.type === 'link') return followed(path)
      if (next.type !== 'directory') throw new Error(`${path} passes through a ${next.type}`)
      current = next
    }
    return current
  }

  function followed(path: string): DirectoryNode {
    const found = lookup(root, path, true)
    if (found.node?.type !== 'directory') throw new Error(`${path} does not lead to a directory`)
    return found.node
  }

  return {
    root,
    lookup: (path, options = {}) => lookup(root, path, options.followLast ?? true),
    put(path, node) {
      directoryAt(posix.dirname(path)).entries.set(posix.basename(path), node)
    },
    makeDirectory(path) {
      directoryAt(path)
    },
    remove(path) {
      const parent = lookup(root, posix.dirname(path), true)
      if (parent.node?.type === 'directory') parent.node.entries.delete(posix.basename(path))
    },
    walk: () => walk(root, ''),
  }
}

/** A new directory, owned by root. */
export function directoryNode(values: Partial<Omit<DirectoryNode, 'type' | 'entries'>> = {}): DirectoryNode {
  return { type: 'directory', mode: 0o755, uid: 0, gid: 0, kernel: false, ...values, entries: new Map() }
}

function lookup(root: DirectoryNode, path: string, followLast: boolean): Lookup {
  let pending = partsOf(path)
  let trail: { readonly name: string; readonly node: TreeNode }[] = []
  let links = 0
  for (;;) {
    const node = trail.at(-1)?.node ?? root
    const [name, ...rest] = pending
    if (name === undefined) return { node, path: `/${trail.map((step) => step.name).join('/')}` }
    pending = rest
    if (name === '..') {
      trail = trail.slice(0, -1)
      continue
    }
    if (node.type !== 'directory') return { errno: 'ENOTDIR' }
    const child = node.entries.get(name)
    if (child === undefined) return { errno: 'ENOENT' }
    if (child.type !== 'link' || (rest.length === 0 && !followLast)) {
      trail = [...trail, { name, node: child }]
      continue
    }
    links += 1
    if (links > MOST_LINKS) return { errno: 'ELOOP' }
    if (child.target.startsWith('/')) trail = []
    pending = [...partsOf(child.target), ...rest]
  }
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.')
}

function* walk(directory: DirectoryNode, base: string): Iterable<readonly [string, TreeNode]> {
  const names = [...directory.entries.keys()].sort(byCodePoint)
  for (const name of names) {
    const node = directory.entries.get(name)
    if (node === undefined) continue
    yield [`${base}/${name}`, node]
    if (node.type === 'directory') yield* walk(node, `${base}/${name}`)
  }
}

/** Order of names in a listing: by code point, which is the order of their UTF-8 bytes. */
export function byCodePoint(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}
