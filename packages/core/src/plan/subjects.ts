import type { UndoChange } from '../contract/change.js'
import { isPciAddress } from '../contract/pci-address.js'

const PCI_ATTRIBUTE = /^\/sys\/bus\/pci\/devices\/([^/]+)(?:\/|$)/
const PCI_LOCATION = /^\/sys\/devices\/pci.*\/([^/]+)\/[^/]+$/
const DRIVER_ORDER = /^\/sys\/bus\/[^/]+\/drivers(?:\/[^/]+\/(?:bind|unbind)|_probe)$/

/**
 * What a change touches: `pci:<address>` for everything that concerns one PCI function, `module:<name>` for a kernel
 * module, otherwise the path. Two changes that share a subject must be undone in order.
 */
export function subjectsOf(change: UndoChange): readonly string[] {
  switch (change.kind) {
    case 'write-attribute':
      return [attributeSubject(change.path, change.value)]
    case 'load-kernel-module':
    case 'unload-kernel-module':
      return [`module:${change.name.replaceAll('-', '_')}`]
    case 'run-command':
      return change.outputs ?? []
    default:
      return [change.path]
  }
}

/** The PCI address of a `pci:` subject. */
export function pciAddressOfSubject(subject: string): string | undefined {
  return subject.startsWith('pci:') ? subject.slice('pci:'.length) : undefined
}

function attributeSubject(path: string, value: string): string {
  const order = DRIVER_ORDER.test(path) ? value.trim() : undefined
  const candidates = [order, PCI_ATTRIBUTE.exec(path)?.[1], PCI_LOCATION.exec(path)?.[1]]
  const address = candidates.find((candidate) => candidate !== undefined && isPciAddress(candidate))
  return address === undefined ? path : `pci:${address}`
}
