import { absent, bystander, nic, nvme, sata } from './places.mjs'

/** bind, unbind and drivers_probe, in right and wrong states and with right and wrong addresses. */
export async function binding({ bind, unbind, probe, override, expectDriver }) {
  await bind('e1000e', nic, 'EBUSY')
  await bind('nvme', nic, 'ENODEV')
  await bind('vfio-pci', nic, 'ENODEV')
  await override(nic, 'vfio-pci', 'ok')
  await bind('vfio-pci', nic, 'EBUSY')
  await bind('e1000e', nic, 'ENODEV')
  await override(nic, '\n', 'ok')
  await bind('no-such-driver', nic, 'ENOENT')
  await bind('vfio-pci', bystander, 'ENODEV')

  await unbind('nvme', nic, 'ENODEV')
  for (const address of [absent, '01:00.0', `${nic} `, '0000:00:1F.2', '', '\n', 'garbage', '0000:1:0.0']) {
    await bind('e1000e', address, address === '' ? 'ok' : 'ENODEV')
    await unbind('e1000e', address, address === '' ? 'ok' : 'ENODEV')
    await probe(address, address === '' ? 'ok' : address === '\n' ? undefined : 'ENODEV')
  }
  await probe(sata, 'ok')
  await probe(nic, 'ok')
  await probe(bystander, 'ok')

  await unbind('e1000e', `${nic}\n`, 'ok')
  await unbind('e1000e', nic, 'ENODEV')
  await bind('e1000e', `${nic}\n`, 'ok')
  await unbind('e1000e', nic, 'ok')
  await probe(`${nic}\n`, 'ok')
  expectDriver(nic, 'e1000e')

  // The recommended order, there and back.
  await override(nvme, 'vfio-pci', 'ok')
  await unbind('nvme', nvme, 'ok')
  await bind('vfio-pci', nvme, 'ok')
  await bind('vfio-pci', nvme, 'EBUSY')
  await bind('nvme', nvme, 'ENODEV')
  await unbind('nvme', nvme, 'ENODEV')
  // Clearing the override leaves the device where it is.
  await override(nvme, '\n', 'ok')
  expectDriver(nvme, 'vfio-pci')
  await bind('nvme', nvme, 'EBUSY')
  await override(nvme, 'nvme', 'ok')
  await unbind('vfio-pci', nvme, 'ok')
  await bind('nvme', nvme, 'ok')
  await override(nvme, '\n', 'ok')
}
