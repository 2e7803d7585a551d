import { nic } from './places.mjs'

/** The same hand-over on a machine without an IOMMU. */
export async function absentIommu({ bind, unbind, probe, override, loadModule, expectDriver }) {
  await loadModule('vfio-pci')
  await override(nic, 'vfio-pci', 'ok')
  await unbind('e1000e', nic, 'ok')
  await bind('vfio-pci', nic, 'EINVAL')
  await probe(nic, 'ok')
  expectDriver(nic, null)
  await override(nic, '\n', 'ok')
  await bind('e1000e', nic, 'ok')
}
