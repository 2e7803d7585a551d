import type { UnreadableReason } from '../../contract/host.js'
import { directoryNode, type FileTree } from './file-tree.js'
import type { AttributeNode, DeviceNode, FileNode, LinkNode, TreeNode, UnreadableNode } from './tree-node.js'

const LEAF = Symbol('janus.testing.leaf')

/** Something in a {@link TreeInput} that is not a plain text file or directory. */
export interface TreeLeaf {
  readonly [LEAF]: true
  readonly node: TreeNode
}

/**
 * A tree as a test writes it: a string is a file, an object a directory, everything else is made by {@link link},
 * {@link file}, {@link emptyDirectory}, {@link deviceNode} or {@link unreadable}. A name may hold slashes, so that a list
 * of paths is a tree too.
 */
export interface TreeInput {
  readonly [path: string]: string | Uint8Array | TreeLeaf | TreeInput
}

/** A symbolic link with this target, relative or absolute. */
export function link(target: string): TreeLeaf {
  return leaf({ type: 'link', target } satisfies LinkNode)
}

/** A file with a mode and an owner. */
export function file(
  content: string | Uint8Array,
  ownership: Partial<Omit<FileNode, 'type' | 'bytes'>> = {},
): TreeLeaf {
  return leaf(fileNode(content, ownership))
}

/** A directory without entries, with a mode and an owner. */
export function emptyDirectory(
  ownership: { readonly mode?: number; readonly uid?: number; readonly gid?: number } = {},
): TreeLeaf {
  return leaf(directoryNode(ownership))
}

/** A device node. @param device `major:minor` */
export function deviceNode(
  type: DeviceNode['type'],
  device: string,
  ownership: Partial<Omit<DeviceNode, 'type' | 'device'>> = {},
): TreeLeaf {
  return leaf({ type, device, mode: 0o600, uid: 0, gid: 0, ...ownership } satisfies DeviceNode)
}

/** A path that exists and cannot be read. */
export function unreadable(reason: UnreadableReason): TreeLeaf {
  return leaf({ type: 'unreadable', reason } satisfies UnreadableNode)
}

/** An attribute of the kernel: text that a write may change under the attribute's own rules. */
export function attribute(node: Omit<AttributeNode, 'type'>): TreeLeaf {
  return leaf({ type: 'attribute', ...node } satisfies AttributeNode)
}

/** Adds an input to a tree. @param base absolute path the input's names are relative to; names that start with `/` are not */
export function addToTree(tree: FileTree, base: string, input: TreeInput): void {
  for (const [name, value] of Object.entries(input)) {
    const path = name.startsWith('/') ? name : `${base}/${name}`
    if (typeof value === 'string' || value instanceof Uint8Array) tree.put(path, fileNode(value))
    else if (isLeaf(value)) tree.put(path, copyOf(value.node))
    else {
      tree.makeDirectory(path)
      addToTree(tree, path, value)
    }
  }
}

/** A regular file of root's, readable by all. */
export function fileNode(
  content: string | Uint8Array,
  ownership: Partial<Omit<FileNode, 'type' | 'bytes'>> = {},
): FileNode {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content
  return { type: 'file', bytes, mode: 0o644, uid: 0, gid: 0, ...ownership }
}

function leaf(node: TreeNode): TreeLeaf {
  return { [LEAF]: true, node }
}

function isLeaf(value: TreeLeaf | TreeInput): value is TreeLeaf {
  return LEAF in value
}

/** Two trees made of one input must not share a directory. */
function copyOf(node: TreeNode): TreeNode {
  return node.type === 'directory' ? { ...node, entries: new Map(node.entries) } : node
}
