import { type InventoryDevice, isPciAddress } from '@janus/core'

/** A place in the PCI hierarchy. */
export interface PciNode {
  /** A PCI address, or a root bus: `pci0000:00`. */
  readonly name: string
  /** False for what only leads to the devices asked for. */
  readonly isWanted: boolean
  readonly children: readonly PciNode[]
}

interface Growing {
  readonly name: string
  isWanted: boolean
  readonly children: Map<string, Growing>
}

/**
 * Draws devices together with the root buses and bridges above them, by their place in sysfs. One whose place a captured
 * host does not show stands for itself.
 * @param devices in the order in which they are to stand
 */
export function pciTree(devices: readonly Pick<InventoryDevice, 'address' | 'location'>[]): readonly PciNode[] {
  const top = new Map<string, Growing>()
  for (const { address, location } of devices) {
    let children = top
    let node: Growing | undefined
    for (const name of pathTo(address, location)) {
      node = children.get(name) ?? { name, isWanted: false, children: new Map() }
      children.set(name, node)
      children = node.children
    }
    if (node !== undefined) node.isWanted = true
  }
  return [...top.values()].map(finished)
}

/** From a root bus down; a bus that a device makes up (Intel VMD) lies between two addresses. */
function pathTo(address: string, location: string | undefined): readonly string[] {
  const above = (location ?? '')
    .split('/')
    .filter((name) => /^pci[0-9a-f]{4,8}:[0-9a-f]{2}$/.test(name) || isPciAddress(name))
  return above.at(-1) === address ? above : [address]
}

function finished({ name, isWanted, children }: Growing): PciNode {
  return { name, isWanted, children: [...children.values()].map(finished) }
}
