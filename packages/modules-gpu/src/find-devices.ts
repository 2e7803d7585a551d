import { janusError, type PciAddress, type PciDevice } from '@janus/core'
import { nearAddresses } from './gpu-vfio/near-addresses.js'

/**
 * The devices at these addresses, in the order in which they are named.
 * @param description what the host is called in messages
 * @throws JANUS_DEVICE_NOT_FOUND with the addresses that are near
 */
export function findDevices(
  description: string,
  devices: readonly PciDevice[],
  addresses: readonly PciAddress[],
): readonly PciDevice[] {
  const byAddress = new Map(devices.map((device) => [device.address, device]))
  const missing = addresses.filter((address) => !byAddress.has(address))
  if (missing.length > 0) throw notFound(description, devices, missing)
  return addresses.flatMap((address) => byAddress.get(address) ?? [])
}

function notFound(description: string, devices: readonly PciDevice[], missing: readonly PciAddress[]): Error {
  const lines = missing.map((address) => {
    const near = nearAddresses(address, devices)
    return `no PCI device ${address} on ${description}${near.length === 0 ? '' : ` (near: ${near.join(', ')})`}`
  })
  const paths = missing.map((address) => `/sys/bus/pci/devices/${address}`)
  const near = Object.fromEntries(missing.map((address) => [address, nearAddresses(address, devices)]))
  return janusError('JANUS_DEVICE_NOT_FOUND', lines.join('; '), { data: { devices: missing, paths, near } })
}
