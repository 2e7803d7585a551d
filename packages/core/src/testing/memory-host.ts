import type { Host } from '../contract/host.js'
import { createFileTree } from './file-tree/file-tree.js'
import { createTreeHost, type TreeHostIdentity } from './file-tree/tree-host.js'
import { addToTree, type TreeInput } from './file-tree/tree-input.js'

/**
 * A host that exists in memory only, for testing what reads one.
 * @param input nested objects, or a flat map of absolute paths: see {@link TreeInput}
 * @param identity what it says of itself; by default a tree at `/`
 */
export function createMemoryHost(input: TreeInput, identity: Partial<TreeHostIdentity> = {}): Host {
  const tree = createFileTree()
  addToTree(tree, '', input)
  return Object.freeze(createTreeHost(tree, { kind: 'tree', root: '/', description: 'memory', ...identity }))
}
