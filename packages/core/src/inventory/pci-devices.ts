import { posix } from 'node:path'
import type { Host } from '../contract/host.js'
import type { PciDevice } from '../contract/inventory.js'
import { isPciAddress, type PciAddress } from '../contract/pci-address.js'
import { comparePciAddresses } from './compare-pci-addresses.js'
import { pciClassName, pciRole } from './pci-class.js'
import { listNames, parseWholeNumber, readLinkName, readValue } from './read-value.js'

/** Directory with a link to every PCI device. */
export const PCI_DEVICES = '/sys/bus/pci/devices'

/**
 * Reads every PCI function that a host shows.
 * @returns the devices, sorted by domain, bus, device and function as numbers
 */
export async function readPciDevices(host: Host): Promise<PciDevice[]> {
  const addresses = (await listNames(host, PCI_DEVICES)).filter(isPciAddress)
  const devices: PciDevice[] = []
  for (const address of addresses.sort(comparePciAddresses)) {
    const device = await readPciDevice(host, address)
    if (device !== undefined) devices.push(device)
  }
  return devices
}

/**
 * Reads one PCI function, and only that one.
 * @returns the device, or undefined when the host shows no such device
 */
export async function readPciDevice(host: Host, address: PciAddress): Promise<PciDevice | undefined> {
  const path = `${PCI_DEVICES}/${address}`
  const listing = (await host.list(path)).value
  if (listing === undefined) return undefined
  // Reading only what is there keeps ten thousand devices cheap: most attributes are absent on most devices.
  const names = new Set(listing)
  const location = (await host.readLink(path)).value
  const text = async (name: string) => (names.has(name) ? readValue(host, `${path}/${name}`) : undefined)
  const target = async (name: string) => (names.has(name) ? readLinkName(host, `${path}/${name}`) : undefined)
  const code = hex(await text('class'), 6) ?? 'ffffff'
  const physicalFunction = await target('physfn')
  const iommuGroup = await target('iommu_group')
  return compact({
    address,
    path,
    vendor: hex(await text('vendor'), 4) ?? 'ffff',
    device: hex(await text('device'), 4) ?? 'ffff',
    subsystemVendor: hex(await text('subsystem_vendor'), 4),
    subsystemDevice: hex(await text('subsystem_device'), 4),
    class: code,
    className: pciClassName(code),
    revision: hex(await text('revision'), 2),
    // Only bridges have this attribute (drivers/pci/pci-sysfs.c); reading `config` instead would wake the device.
    role: pciRole(code, names.has('secondary_bus_number')),
    isDisplay: code.startsWith('03'),
    location,
    parent: parentOf(location),
    driver: await target('driver'),
    // The kernel numbers its groups. Another name is not of the kernel, and would stand in commands that people paste.
    iommuGroup: /^\d+$/.test(iommuGroup ?? '') ? iommuGroup : undefined,
    numaNode: parseWholeNumber(await text('numa_node')),
    bootDisplay: bootDisplayOf(await text('boot_vga')),
    virtualFunctions: await readVirtualFunctions(host, text, names),
    physicalFunction: physicalFunction !== undefined && isPciAddress(physicalFunction) ? physicalFunction : undefined,
    modalias: await text('modalias'),
  })
}

/**
 * True for a device that no longer answers: its configuration reads as all ones, which lspci shows as
 * "unknown header type 7f".
 * Undefined when the configuration cannot be read. Reading it wakes a sleeping device, so the inventory does not.
 */
export async function isOffTheBus(
  host: Host,
  device: Pick<PciDevice, 'path' | 'vendor'>,
): Promise<boolean | undefined> {
  if (device.vendor === 'ffff') return true
  const bytes = (await host.readBytes(`${device.path}/config`)).value
  if (bytes === undefined || bytes.length < 64) return undefined
  return bytes.subarray(0, 64).every((byte) => byte === 0xff)
}

type Optional<Value> = { [Key in keyof Value]: Value[Key] | undefined }

function compact(device: Optional<PciDevice>): PciDevice {
  return Object.fromEntries(Object.entries(device).filter(([, value]) => value !== undefined)) as unknown as PciDevice
}

function hex(text: string | undefined, digits: number): string | undefined {
  const match = text === undefined ? null : /^0x([0-9a-f]{1,8})$/i.exec(text)
  return match?.[1]?.toLowerCase().padStart(digits, '0')
}

function parentOf(location: string | undefined): PciAddress | undefined {
  const above = location === undefined ? '' : posix.basename(posix.dirname(location))
  return isPciAddress(above) ? above : undefined
}

function bootDisplayOf(text: string | undefined): boolean | undefined {
  return text === undefined ? undefined : text === '1'
}

async function readVirtualFunctions(
  host: Host,
  text: (name: string) => Promise<string | undefined>,
  names: ReadonlySet<string>,
): Promise<PciDevice['virtualFunctions']> {
  const total = parseWholeNumber(await text('sriov_totalvfs'))
  if (total === undefined) return undefined
  // sriov_numvfs takes the device lock and hangs behind a stuck unbind; on a live machine the links tell the same.
  const links = [...names].filter((name) => /^virtfn\d+$/.test(name)).length
  const enabled = links > 0 || host.kind === 'live' ? links : (parseWholeNumber(await text('sriov_numvfs')) ?? 0)
  return { enabled, total }
}
