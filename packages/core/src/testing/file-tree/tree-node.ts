import type { UnreadableReason } from '../../contract/host.js'

/** What every node with an owner has. */
export interface Ownership {
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/** A directory; its entries change in place. */
export interface DirectoryNode extends Ownership {
  readonly type: 'directory'
  /** Belongs to a kernel pseudo file system: nothing can be created or removed in it from outside. */
  readonly kernel: boolean
  readonly entries: Map<string, TreeNode>
  /** Of a kernel file system in which directories can be made and removed all the same. */
  readonly subdirectories?: {
    make(name: string): KernelAnswer
    remove(name: string): KernelAnswer
  }
}

/** A regular file. */
export interface FileNode extends Ownership {
  readonly type: 'file'
  readonly bytes: Uint8Array
}

/** A symbolic link; the target as it is stored, relative or absolute. */
export interface LinkNode {
  readonly type: 'link'
  readonly target: string
}

/** A device node. */
export interface DeviceNode extends Ownership {
  readonly type: 'character-device' | 'block-device'
  /** `major:minor`. */
  readonly device: string
}

/** Something that exists and cannot be read. */
export interface UnreadableNode {
  readonly type: 'unreadable'
  readonly reason: UnreadableReason
}

/** What a blocked piece of kernel work waits for: true when it may go on. */
export type Wait = () => boolean

/** Kernel work that may have to wait; ends with a value. */
export type Operation<Value> = Generator<Wait, Value, void>

/** `ok` or an errno name. */
export type KernelAnswer = string

/** An attribute of a kernel pseudo file system: reading and writing it runs code. */
export interface AttributeNode {
  readonly type: 'attribute'
  readonly mode: number
  /** Its text, trailing newline included. Absent: write-only. */
  readonly show?: () => Operation<string>
  /** Takes what was written and answers as the kernel does. Absent: read-only. Not called for an empty write, unless it takes those. */
  readonly store?: (text: string) => Operation<KernelAnswer>
  /** The errno that reading and writing answer with at the moment; undefined when they do what they do. */
  readonly refusal?: () => string | undefined
  /** In /proc a write of no bytes reaches the attribute; in /sys it does not. */
  readonly takesEmpty?: boolean
}

/** Anything a path can be. */
export type TreeNode = DirectoryNode | FileNode | LinkNode | DeviceNode | UnreadableNode | AttributeNode

/** Kernel work that never waits. */
export function atOnce<Arguments extends readonly unknown[], Value>(
  work: (...args: Arguments) => Value,
): (...args: Arguments) => Operation<Value> {
  return function* (...args) {
    yield () => true
    return work(...args)
  }
}
