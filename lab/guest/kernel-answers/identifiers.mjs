import { device } from '../kit.mjs'
import { nic, twins, ungrouped } from './places.mjs'

/** new_id and remove_id: they work on every device of a kind, which is why Janus never uses them. */
export async function identifiers({ write, bind, unbind, expectDriver }) {
  const { vendor, device: model } = device(twins[0])
  const id = `${vendor.slice(2)} ${model.slice(2)}`
  const newId = '/sys/bus/pci/drivers/vfio-pci/new_id'
  const removeId = '/sys/bus/pci/drivers/vfio-pci/remove_id'
  for (const address of twins) await unbind('e1000e', address, 'ok')
  await write(newId, id.replace(' ', ':'), { expect: 'EINVAL' })
  await write(newId, 'x', { expect: 'EINVAL' })
  await write(newId, id, { expect: 'ok' })
  for (const address of twins) expectDriver(address, 'vfio-pci')
  expectDriver(nic, 'e1000e')
  expectDriver(ungrouped, 'e1000e')
  await write(newId, id, { expect: 'EEXIST' })
  await write(removeId, id, { expect: 'ok' })
  for (const address of twins) expectDriver(address, 'vfio-pci')
  await write(removeId, id, { expect: 'ENODEV' })
  for (const address of twins) {
    await unbind('vfio-pci', address, 'ok')
    await bind('e1000e', address, 'ok')
  }
}
