import { nvme } from './places.mjs'

/** Every form of value that driver_override may be given. */
export async function override({ override: write, bind, unbind, probe, expectDriver }) {
  await write(nvme, 'vfio-pci', 'ok')
  await write(nvme, '', 'ok')
  await write(nvme, '\n', 'ok')
  await write(nvme, 'vfio-pci\n', 'ok')
  await write(nvme, '\0', 'ok')
  await write(nvme, ' vfio-pci', 'ok')
  await write(nvme, 'vfio-pci ', 'ok')
  await write(nvme, 'vfio_pci', 'ok')
  await write(nvme, 'vfio-pci\nnvme', 'ok')
  await write(nvme, '\nvfio-pci', 'ok')
  await write(nvme, 'none', 'ok')
  await write(nvme, '(null)', 'ok')
  await write(nvme, 'x'.repeat(4094), 'ok')
  await write(nvme, 'x'.repeat(4095), 'EINVAL')
  await write(nvme, 'x'.repeat(4096), 'EINVAL')

  // The module's name instead of the driver's: probing says ok, and nothing is bound.
  await write(nvme, 'vfio_pci', 'ok')
  await unbind('nvme', nvme, 'ok')
  await probe(nvme, 'ok')
  expectDriver(nvme, null)
  await bind('vfio-pci', nvme, 'ENODEV')
  await bind('nvme', nvme, 'ENODEV')
  // "Aim home", bind, then clear.
  await write(nvme, 'nvme', 'ok')
  await bind('nvme', nvme, 'ok')
  await write(nvme, '\n', 'ok')
  // The override survives an unbind.
  await write(nvme, 'nvme', 'ok')
  await unbind('nvme', nvme, 'ok')
  await probe(nvme, 'ok')
  expectDriver(nvme, 'nvme')
  await write(nvme, '\n', 'ok')
}
