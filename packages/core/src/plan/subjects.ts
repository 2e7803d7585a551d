import type { UndoChange } from '../contract/change.js'
import { isPciAddress } from '../contract/pci-address.js'

const PCI_ATTRIBUTE = /^\/sys\/bus\/pci\/devices\/([^/]+)(?:\/|$)/
const PCI_LOCATION = /^\/sys\/devices\/pci.*\/([^/]+)\/[^/]+$/
const DRIVER_ORDER = /^\/sys\/bus\/[^/]+\/drivers(?:\/[^/]+\/(?:bind|unbind)|_probe)$/

/**
 * What a change touches: `pci:<address>` for everything that concerns one PCI function, `module:<name>` for a kernel
 * module, otherwise the path; a command touches what it rewrites, and an opaque one whatever its program does. Two
 * changes that share a subject must be undone in order.
 */
export function subjectsOf(change: UndoChange): readonly string[] {
  switch (change.kind) {
    case 'write-attribute':
      return [attributeSubject(change.path, change.value)]
    case 'load-kernel-module':
    case 'unload-kernel-module':
      return [`module:${change.name.replaceAll('-', '_')}`]
    case 'run-command':
      return [...(change.outputs ?? []), ...expectedPrograms(change)]
    default:
      return [change.path]
  }
}

/** The PCI address of a `pci:` subject. */
export function pciAddressOfSubject(subject: string): string | undefined {
  return subject.startsWith('pci:') ? subject.slice('pci:'.length) : undefined
}

/** Nobody knows what an opaque program touches, but a second run of it most likely touches the same. */
function expectedPrograms({ opaque, expect = [] }: Extract<UndoChange, { kind: 'run-command' }>): readonly string[] {
  if (opaque !== true) return []
  return expect.filter(({ kind }) => kind === 'sha256').map(({ path }) => path)
}

function attributeSubject(path: string, value: string): string {
  const order = DRIVER_ORDER.test(path) ? value.trim() : undefined
  const candidates = [order, PCI_ATTRIBUTE.exec(path)?.[1], PCI_LOCATION.exec(path)?.[1]]
  const address = candidates.find((candidate) => candidate !== undefined && isPciAddress(candidate))
  return address === undefined ? path : `pci:${address}`
}
