import type { Host } from '../contract/host.js'
import type { PciDevice } from '../contract/inventory.js'
import { isPciAddress } from '../contract/pci-address.js'
import { readPciDevice } from './pci-devices.js'
import { listNames, readLinkName } from './read-value.js'

/**
 * Reads the virtual functions that a physical function has enabled, by its links `virtfn<n>` (PCI/pci-iov-howto.rst).
 * @returns them in the order of their numbers; none for any other device
 */
export async function readVirtualFunctions(host: Host, device: PciDevice): Promise<readonly PciDevice[]> {
  if ((device.virtualFunctions?.enabled ?? 0) === 0) return []
  const numbers = (await listNames(host, device.path)).flatMap((name) => /^virtfn(\d{1,5})$/.exec(name)?.[1] ?? [])
  const functions: PciDevice[] = []
  for (const number of numbers.map(Number).sort((left, right) => left - right)) {
    const address = await readLinkName(host, `${device.path}/virtfn${number}`)
    const found = address !== undefined && isPciAddress(address) ? await readPciDevice(host, address) : undefined
    if (found !== undefined) functions.push(found)
  }
  return functions
}
