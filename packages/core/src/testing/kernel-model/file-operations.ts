import { posix } from 'node:path'
import { directoryNode, type FileTree } from '../file-tree/file-tree.js'
import { fileNode } from '../file-tree/tree-input.js'
import type { DirectoryNode, KernelAnswer, Operation, TreeNode } from '../file-tree/tree-node.js'

/** What reading an attribute came to. */
export type ReadAnswer = { readonly value: string } | { readonly errno: string }

/** Owner of something new; root where it is not given. */
export interface NewOwner {
  readonly uid?: number
  readonly gid?: number
}

/** `open(O_WRONLY)`, one write, close. An empty write reaches no attribute, and is ok. */
export function* writeAttribute(tree: FileTree, path: string, text: string): Operation<KernelAnswer> {
  const found = tree.lookup(path)
  if (found.node === undefined) return found.errno
  switch (found.node.type) {
    case 'attribute':
      if (found.node.store === undefined) return 'EACCES'
      if (found.node.refusal?.() !== undefined) return found.node.refusal() ?? 'EIO'
      return text === '' && found.node.takesEmpty !== true ? 'ok' : yield* found.node.store(text)
    case 'file': {
      const rest = Buffer.from(found.node.bytes).subarray(Buffer.byteLength(text))
      tree.put(found.path, { ...found.node, bytes: Buffer.concat([Buffer.from(text), rest]) })
      return 'ok'
    }
    case 'directory':
      return 'EISDIR'
    case 'unreadable':
      return 'EACCES'
    default:
      return 'ENXIO'
  }
}

/** Reads an attribute or a file as text. */
export function* readAttribute(tree: FileTree, path: string): Operation<ReadAnswer> {
  const found = tree.lookup(path)
  if (found.node === undefined) return { errno: found.errno }
  switch (found.node.type) {
    case 'attribute':
      if (found.node.show === undefined) return { errno: 'EACCES' }
      if (found.node.refusal?.() !== undefined) return { errno: found.node.refusal() ?? 'EIO' }
      return { value: yield* found.node.show() }
    case 'file':
      return { value: Buffer.from(found.node.bytes).toString('utf8') }
    case 'directory':
      return { errno: 'EISDIR' }
    default:
      return { errno: 'EACCES' }
  }
}

/** A temporary file beside it, renamed over it. */
export function writeFile(
  tree: FileTree,
  path: string,
  bytes: Uint8Array,
  mode: number,
  owner: NewOwner,
): KernelAnswer {
  return replace(tree, path, fileNode(bytes, { mode, uid: owner.uid ?? 0, gid: owner.gid ?? 0 }), 'EACCES')
}

/** A temporary link beside it, renamed over it. */
export function writeLink(tree: FileTree, path: string, target: string): KernelAnswer {
  return replace(tree, path, { type: 'link', target }, 'EPERM')
}

/** `unlink`. */
export function removeFile(tree: FileTree, path: string): KernelAnswer {
  const { parent, errno } = parentOf(tree, path)
  if (parent === undefined) return errno
  const node = parent.entries.get(posix.basename(path))
  if (node === undefined) return 'ENOENT'
  if (parent.kernel) return 'EPERM'
  if (node.type === 'directory') return 'EISDIR'
  parent.entries.delete(posix.basename(path))
  return 'ok'
}

/** `mkdir`, `chown`, `chmod`. */
export function createDirectory(tree: FileTree, path: string, mode: number, owner: NewOwner): KernelAnswer {
  const { parent, errno } = parentOf(tree, path)
  if (parent === undefined) return errno
  if (parent.entries.has(posix.basename(path))) return 'EEXIST'
  if (parent.kernel) return parent.subdirectories?.make(posix.basename(path)) ?? 'EPERM'
  parent.entries.set(posix.basename(path), directoryNode({ mode, uid: owner.uid ?? 0, gid: owner.gid ?? 0 }))
  return 'ok'
}

/** `rmdir`. */
export function removeDirectory(tree: FileTree, path: string): KernelAnswer {
  const { parent, errno } = parentOf(tree, path)
  if (parent === undefined) return errno
  const node = parent.entries.get(posix.basename(path))
  if (node === undefined) return 'ENOENT'
  if (node.type !== 'directory') return 'ENOTDIR'
  if (parent.kernel) return parent.subdirectories?.remove(posix.basename(path)) ?? 'EPERM'
  if (node.entries.size > 0) return 'ENOTEMPTY'
  parent.entries.delete(posix.basename(path))
  return 'ok'
}

function replace(tree: FileTree, path: string, node: TreeNode, refusedByKernel: string): KernelAnswer {
  const { parent, errno } = parentOf(tree, path)
  if (parent === undefined) return errno
  if (parent.kernel) return refusedByKernel
  if (parent.entries.get(posix.basename(path))?.type === 'directory') return 'EISDIR'
  parent.entries.set(posix.basename(path), node)
  return 'ok'
}

function parentOf(tree: FileTree, path: string): { readonly parent?: DirectoryNode; readonly errno: string } {
  const found = tree.lookup(posix.dirname(path))
  if (found.node === undefined) return { errno: found.errno }
  return found.node.type === 'directory' ? { parent: found.node, errno: 'ok' } : { errno: 'ENOTDIR' }
}
