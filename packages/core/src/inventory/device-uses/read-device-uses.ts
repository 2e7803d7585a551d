import type { Host } from '../../contract/host.js'
import type { DeviceUse, PciDevice } from '../../contract/inventory.js'
import type { PciAddress } from '../../contract/pci-address.js'
import type { Query } from '../../contract/query.js'

export async function readDeviceUses(
  _host: Host,
  _query: Query,
  devices: readonly PciDevice[],
): Promise<ReadonlyMap<PciAddress, readonly DeviceUse[]>> {
  return new Map(devices.map(({ address }) => [address, []]))
}
