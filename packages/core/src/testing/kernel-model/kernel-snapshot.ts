import { createHash } from 'node:crypto'
import { byCodePoint } from '../file-tree/file-tree.js'
import { readAttributeNow } from '../file-tree/tree-host.js'
import type { TreeNode } from '../file-tree/tree-node.js'
import type { KernelState } from './kernel-state.js'

/** All that a machine is, in a form that two of can be compared. */
export interface KernelSnapshot {
  /** What each path is and holds, in words. */
  readonly paths: Readonly<Record<string, string>>
  readonly devices: Readonly<Record<string, { readonly driver: string | null; readonly override: string | null }>>
  /** Loaded modules, sorted. */
  readonly modules: readonly string[]
}

/** Takes everything down. `/proc/modules` is left out of the paths: its order tells when a module was loaded. */
export function takeSnapshot(kernel: KernelState): KernelSnapshot {
  const paths: Record<string, string> = {}
  for (const [path, node] of kernel.tree.walk()) if (path !== '/proc/modules') paths[path] = inWords(node)
  const modules = [...kernel.modules.values()].filter((module) => module.loaded).map((module) => module.spec.name)
  return { paths, devices: deviceStates(kernel), modules: modules.sort() }
}

/** Which driver and which override each device has. */
export function deviceStates(kernel: KernelState): KernelSnapshot['devices'] {
  const sorted = [...kernel.devices.values()].sort((left, right) => byCodePoint(left.address, right.address))
  const devices = sorted.map(({ address, driver = null, override = null }) => [address, { driver, override }] as const)
  return Object.fromEntries(devices)
}

function inWords(node: TreeNode): string {
  switch (node.type) {
    case 'link':
      return `link to ${node.target}`
    case 'file':
      return `file ${ownership(node)} sha256 ${createHash('sha256').update(node.bytes).digest('hex')}`
    case 'directory':
      return `directory ${ownership(node)}`
    case 'attribute': {
      const { value, unreadable } = readAttributeNow(node)
      return `attribute ${node.mode.toString(8)} ${value === undefined ? unreadable : JSON.stringify(value)}`
    }
    case 'unreadable':
      return `unreadable ${node.reason}`
    default:
      return `${node.type} ${node.device} ${ownership(node)}`
  }
}

function ownership({ mode, uid, gid }: { readonly mode: number; readonly uid: number; readonly gid: number }): string {
  return `${mode.toString(8)} ${uid}:${gid}`
}
