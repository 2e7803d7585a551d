import { pciBridge, rootPort, ungrouped } from './places.mjs'

/** Devices that vfio-pci does not take: bridges, and a device without an IOMMU group. */
export async function unbindable({ bind, unbind, probe, override, expectDriver }) {
  await override(pciBridge, 'vfio-pci', 'ok')
  await bind('vfio-pci', pciBridge, 'EINVAL')
  await probe(pciBridge, 'ok')
  expectDriver(pciBridge, null)
  await override(pciBridge, '\n', 'ok')

  await override(rootPort, 'vfio-pci', 'ok')
  await unbind('pcieport', rootPort, 'ok')
  await bind('vfio-pci', rootPort, 'EINVAL')
  await probe(rootPort, 'ok')
  expectDriver(rootPort, null)
  await override(rootPort, '\n', 'ok')
  await bind('pcieport', rootPort, 'ok')

  await override(ungrouped, 'vfio-pci', 'ok')
  await unbind('e1000e', ungrouped, 'ok')
  await bind('vfio-pci', ungrouped, 'EINVAL')
  await probe(ungrouped, 'ok')
  expectDriver(ungrouped, null)
  await override(ungrouped, '\n', 'ok')
  await bind('e1000e', ungrouped, 'ok')
}
