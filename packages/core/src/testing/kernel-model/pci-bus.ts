import { directoryNode } from '../file-tree/file-tree.js'
import { addToTree, fileNode } from '../file-tree/tree-input.js'
import type { AttributeNode, KernelAnswer, Operation } from '../file-tree/tree-node.js'
import { readOnly } from './attribute-nodes.js'
import { attachAnyDriver, probeDrivers, putLink, release } from './driver-binding.js'
import type { PciDeviceSpec } from './kernel-spec.js'
import { type KernelState, type PciDeviceState, sysfsWord } from './kernel-state.js'

const GROUPS = '/sys/kernel/iommu_groups'

/** Makes the bus itself: `drivers_probe` and `rescan`. */
export function createPciBus(kernel: KernelState): void {
  const store = (work: (text: string) => Operation<KernelAnswer>): AttributeNode => ({
    type: 'attribute',
    mode: 0o200,
    store: work,
  })
  kernel.tree.put('/sys/bus/pci/devices', directoryNode({ kernel: true }))
  kernel.tree.put('/sys/bus/pci/drivers', directoryNode({ kernel: true }))
  kernel.tree.put(
    '/sys/bus/pci/drivers_probe',
    store((text) => probeDrivers(kernel, text)),
  )
  kernel.tree.put(
    '/sys/bus/pci/rescan',
    store((text) => rescan(kernel, text)),
  )
}

/**
 * Puts a device on the bus, without looking for a driver.
 * @param physicalFunction the function it is a virtual one of
 */
export function plugDevice(
  kernel: KernelState,
  spec: PciDeviceSpec,
  physicalFunction?: PciDeviceState,
): PciDeviceState {
  if (kernel.devices.has(spec.address)) throw new Error(`${spec.address} already is on the bus`)
  const device: PciDeviceState = {
    spec,
    address: spec.address,
    location: locationOf(kernel, spec),
    driver: undefined,
    override: spec.override,
    locked: false,
    descriptors: 0,
    present: true,
    powerControl: spec.power?.control ?? 'on',
    enabledFunctions: 0,
    functionsAutoprobe: true,
    physicalFunction,
  }
  kernel.devices.set(spec.address, device)
  kernel.tree.put(device.location, directoryNode({ kernel: true }))
  putIdentity(kernel, device)
  for (const [name, node] of Object.entries(kernel.attributesOf(device)))
    kernel.tree.put(`${device.location}/${name}`, node)
  putLink(kernel, `${device.location}/subsystem`, '/sys/bus/pci')
  putLink(kernel, `/sys/bus/pci/devices/${spec.address}`, device.location)
  if (spec.group !== undefined) joinGroup(kernel, device, spec.group)
  if (physicalFunction !== undefined) putLink(kernel, `${device.location}/physfn`, physicalFunction.location)
  if (spec.files !== undefined) addToTree(kernel.tree, device.location, spec.files)
  return device
}

/** Takes a device off the bus with everything below it; its driver is unbound first, which can block. */
export function* unplugDevice(kernel: KernelState, device: PciDeviceState): Operation<void> {
  const below = [...kernel.devices.values()].filter(
    (other) => other.physicalFunction === device || other.location.startsWith(`${device.location}/`),
  )
  for (const other of below.reverse()) yield* unplugDevice(kernel, other)
  const driver = kernel.drivers.get(device.driver ?? '')
  if (driver !== undefined) yield* release(kernel, driver, device)
  device.present = false
  kernel.devices.delete(device.address)
  kernel.tree.remove(`/sys/bus/pci/devices/${device.address}`)
  kernel.tree.remove(device.location)
  if (device.spec.group !== undefined) leaveGroup(kernel, device, device.spec.group)
}

/** Write to `remove`: a later rescan finds the device again, without its override. */
export function* removeDevice(kernel: KernelState, device: PciDeviceState, text: string): Operation<KernelAnswer> {
  if (sysfsWord(text) === '0') return 'ok'
  if (!/^\d+$/.test(sysfsWord(text))) return 'EINVAL'
  const { override: _, driver: __, ...spec } = device.spec
  kernel.forgotten.push(spec)
  yield* unplugDevice(kernel, device)
  return 'ok'
}

function* rescan(kernel: KernelState, text: string): Operation<KernelAnswer> {
  if (sysfsWord(text) === '0') return 'ok'
  if (!/^\d+$/.test(sysfsWord(text))) return 'EINVAL'
  const found = kernel.forgotten.splice(0).map((spec) => plugDevice(kernel, spec))
  for (const device of found) yield* attachAnyDriver(kernel, device)
  return 'ok'
}

function locationOf(kernel: KernelState, spec: PciDeviceSpec): string {
  if (spec.parent !== undefined) {
    const parent = kernel.devices.get(spec.parent)
    if (parent === undefined) throw new Error(`${spec.address}: there is no ${spec.parent} above it`)
    // An endpoint that makes a domain of its own has the root bus below it (`pci_create_root_bus` in drivers/pci/controller/vmd.c).
    const rootBus = spec.rootBus === undefined ? '' : `/pci${spec.rootBus}`
    return `${parent.location}${rootBus}/${spec.address}`
  }
  return `/sys/devices/pci${spec.rootBus ?? spec.address.slice(0, spec.address.lastIndexOf(':'))}/${spec.address}`
}

function putIdentity(kernel: KernelState, { spec, location }: PciDeviceState): void {
  const { subsystemVendor = spec.vendor, subsystemDevice = '0000', revision = '00' } = spec
  const texts = {
    vendor: `0x${spec.vendor}`,
    device: `0x${spec.device}`,
    subsystem_vendor: `0x${subsystemVendor}`,
    subsystem_device: `0x${subsystemDevice}`,
    class: `0x${spec.class}`,
    revision: `0x${revision}`,
    modalias: modaliasOf(spec),
    ...(spec.bootDisplay === undefined ? {} : { boot_vga: spec.bootDisplay ? '1' : '0' }),
  }
  for (const [name, text] of Object.entries(texts)) kernel.tree.put(`${location}/${name}`, readOnly(`${text}\n`))
  kernel.tree.put(`${location}/config`, fileNode(configSpace(spec)))
}

/** The alias by which modprobe finds a driver (file2alias.c). */
function modaliasOf(spec: PciDeviceSpec): string {
  const wide = (id: string) => id.toUpperCase().padStart(8, '0')
  const { subsystemVendor = spec.vendor, subsystemDevice = '0000' } = spec
  const [base, sub, interface_] = [spec.class.slice(0, 2), spec.class.slice(2, 4), spec.class.slice(4, 6)]
  return `pci:v${wide(spec.vendor)}d${wide(spec.device)}sv${wide(subsystemVendor)}sd${wide(subsystemDevice)}bc${base}sc${sub}i${interface_}`
}

/** The 64 standard bytes: ids, class, header type at 0x0e. */
function configSpace(spec: PciDeviceSpec): Uint8Array {
  const bytes = Buffer.alloc(64)
  bytes.writeUInt16LE(Number.parseInt(spec.vendor, 16), 0x00)
  bytes.writeUInt16LE(Number.parseInt(spec.device, 16), 0x02)
  bytes.writeUIntLE(Number.parseInt(spec.class, 16), 0x09, 3)
  bytes.writeUInt8(spec.bridge ? 1 : 0, 0x0e)
  return bytes
}

function joinGroup(kernel: KernelState, device: PciDeviceState, group: string): void {
  const path = `${GROUPS}/${group}`
  if (kernel.tree.lookup(path).node === undefined) {
    kernel.tree.put(`${path}/type`, readOnly('DMA-FQ\n'))
    kernel.tree.put(`${path}/reserved_regions`, readOnly('0x00000000fee00000 0x00000000feefffff msi\n'))
  }
  putLink(kernel, `${path}/devices/${device.address}`, device.location)
  putLink(kernel, `${device.location}/iommu_group`, path)
}

function leaveGroup(kernel: KernelState, device: PciDeviceState, group: string): void {
  kernel.tree.remove(`${GROUPS}/${group}/devices/${device.address}`)
  const left = [...kernel.devices.values()].some((other) => other.spec.group === group)
  if (!left) kernel.tree.remove(`${GROUPS}/${group}`)
}
