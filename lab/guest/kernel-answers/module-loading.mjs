import { nic, nvme } from './places.mjs'

/** Loading and unloading the driver that an override names. */
export async function moduleLoading({ bind, unbind, probe, override, loadModule, unloadModule, expectDriver }) {
  await bind('vfio-pci', nic, 'ENOENT')
  await unbind('vfio-pci', nic, 'ENOENT')
  await override(nvme, 'vfio-pci', 'ok')
  await probe(nvme, 'ok')
  await override(nvme, '\n', 'ok')

  await override(nic, 'vfio-pci', 'ok')
  await unbind('e1000e', nic, 'ok')
  await probe(nic, 'ok')
  await bind('e1000e', nic, 'ENODEV')
  expectDriver(nic, null)
  await loadModule('vfio-pci')
  expectDriver(nic, 'vfio-pci')
  await unloadModule('vfio-pci')
  expectDriver(nic, null)
  // An unloaded host driver cannot take the device back while the override is set.
  await unloadModule('e1000e')
  await loadModule('e1000e')
  expectDriver(nic, null)
  await override(nic, '\n', 'ok')
  await probe(nic, 'ok')
  expectDriver(nic, 'e1000e')
  await loadModule('vfio-pci')
}
