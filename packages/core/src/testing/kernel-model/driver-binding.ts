import { posix } from 'node:path'
import { addToTree, deviceNode, type TreeInput } from '../file-tree/tree-input.js'
import { atOnce, type KernelAnswer, type Operation } from '../file-tree/tree-node.js'
import {
  driverMatches,
  type KernelState,
  knowsDevice,
  type PciDeviceState,
  type PciDriverState,
  sysfsWord,
  withDeviceLock,
} from './kernel-state.js'

const DRIVERS = '/sys/bus/pci/drivers'

/** What came of a probe. `refused`: the IOMMU group belongs to a VFIO user, which drivers_probe does not swallow. */
interface ProbeResult {
  readonly answer: KernelAnswer
  readonly refused?: boolean
}

/** Write to `drivers/<driver>/bind`. */
export function* bind(kernel: KernelState, driver: PciDriverState, text: string): Operation<KernelAnswer> {
  const device = kernel.devices.get(sysfsWord(text))
  if (device === undefined || !driverMatches(driver, device)) return 'ENODEV'
  return yield* withDeviceLock(
    device,
    atOnce(() => probe(kernel, driver, device).answer),
  )
}

/** Write to `drivers/<driver>/unbind`. */
export function* unbind(kernel: KernelState, driver: PciDriverState, text: string): Operation<KernelAnswer> {
  const device = kernel.devices.get(sysfsWord(text))
  if (device === undefined || device.driver !== driver.name) return 'ENODEV'
  yield* release(kernel, driver, device)
  return 'ok'
}

/** Takes a device from a driver; nothing happens when the driver does not have it any more. */
export function* release(kernel: KernelState, driver: PciDriverState, device: PciDeviceState): Operation<void> {
  yield* withDeviceLock(device, function* () {
    if (device.driver !== driver.name) return
    // The links go first: a device whose remove() blocks already looks unbound.
    kernel.tree.remove(`${device.location}/driver`)
    kernel.tree.remove(`${DRIVERS}/${driver.name}/${device.address}`)
    removeFromTree(kernel, device, device.spec.whileBound?.[driver.name])
    yield () => device.descriptors === 0
    device.driver = undefined
    if (driver.spec.kind !== 'vfio') return
    device.powerControl = 'on'
    removeGroupNode(kernel, device)
  })
}

/** Write to `drivers_probe`: says ok unless the device does not exist, or its group belongs to a VFIO user. */
export function* probeDrivers(kernel: KernelState, text: string): Operation<KernelAnswer> {
  const device = kernel.devices.get(sysfsWord(text))
  if (device === undefined) return 'ENODEV'
  return (yield* attachAnyDriver(kernel, device)) ? 'ok' : 'EINVAL'
}

/** Lets the drivers look at a device, in order of registration. False when its group forbids a driver that matches. */
export function* attachAnyDriver(kernel: KernelState, device: PciDeviceState): Operation<boolean> {
  if (device.driver !== undefined) return true
  return yield* withDeviceLock(
    device,
    atOnce(() => probeAll(kernel, device)),
  )
}

function probeAll(kernel: KernelState, device: PciDeviceState): boolean {
  for (const driver of kernel.drivers.values()) {
    if (!driverMatches(driver, device)) continue
    const { answer, refused } = probe(kernel, driver, device)
    if (refused) return false
    if (answer === 'ok') return true
  }
  return true
}

/** Lets a driver look at every device, as when it is registered or gets a new id. */
export function* attachAllDevices(kernel: KernelState, driver: PciDriverState): Operation<void> {
  for (const device of [...kernel.devices.values()]) {
    if (!driverMatches(driver, device)) continue
    yield* withDeviceLock(
      device,
      atOnce(() => probe(kernel, driver, device)),
    )
  }
}

function probe(kernel: KernelState, driver: PciDriverState, device: PciDeviceState): ProbeResult {
  if (!device.present) return { answer: 'ENODEV' }
  if (device.driver !== undefined) return { answer: 'EBUSY' }
  const { group } = device.spec
  const kind = driver.spec.kind ?? 'host'
  if (kind === 'host' && group !== undefined && kernel.ownedGroups.has(group)) return { answer: 'EBUSY', refused: true }
  const answer = probeError(driver, device) ?? 'ok'
  if (answer === 'ok') attach(kernel, driver, device)
  return { answer }
}

function probeError(driver: PciDriverState, device: PciDeviceState): KernelAnswer | undefined {
  const { spec, physicalFunction } = device
  const given = spec.probeErrors?.[driver.name]
  if (given !== undefined) return given
  const forbidden =
    physicalFunction !== undefined && !physicalFunction.functionsAutoprobe && device.override === undefined
  if (forbidden) return 'ENODEV'
  if (driver.spec.kind === 'vfio') {
    if (spec.bridge || spec.group === undefined) return 'EINVAL'
    return device.enabledFunctions > 0 ? 'EBUSY' : undefined
  }
  const known = knowsDevice(driver, device) || driver.dynamicIds.has(`${spec.vendor}:${spec.device}`)
  return known ? undefined : 'ENODEV'
}

function attach(kernel: KernelState, driver: PciDriverState, device: PciDeviceState): void {
  device.driver = driver.name
  putLink(kernel, `${device.location}/driver`, `${DRIVERS}/${driver.name}`)
  putLink(kernel, `${DRIVERS}/${driver.name}/${device.address}`, device.location)
  const extra = device.spec.whileBound?.[driver.name]
  if (extra !== undefined) addToTree(kernel.tree, device.location, extra)
  if (driver.spec.kind !== 'vfio') return
  device.powerControl = 'auto'
  addToTree(kernel.tree, '', groupNode(device))
}

const VFIO_CLASS = '/sys/class/vfio'

/** The node, and its number in sysfs (where a kernel has links to `/sys/devices/virtual/vfio`). */
function groupNode({ spec }: PciDeviceState): TreeInput {
  const number = groupDevice(spec.group)
  return {
    [`/dev/vfio/${spec.group}`]: deviceNode('character-device', number),
    [`${VFIO_CLASS}/${spec.group}/dev`]: `${number}\n`,
  }
}

/** Device number of a group's node; real ones count up from 0 in order of creation. */
export function groupDevice(group: string | undefined): string {
  return `511:${group}`
}

function removeGroupNode(kernel: KernelState, device: PciDeviceState): void {
  const others = [...kernel.devices.values()].some((other) => {
    const driver = kernel.drivers.get(other.driver ?? '')
    return other.spec.group === device.spec.group && driver?.spec.kind === 'vfio'
  })
  if (others) return
  kernel.tree.remove(`/dev/vfio/${device.spec.group}`)
  kernel.tree.remove(`${VFIO_CLASS}/${device.spec.group}`)
  const { node } = kernel.tree.lookup(VFIO_CLASS)
  if (node?.type === 'directory' && node.entries.size === 0) kernel.tree.remove(VFIO_CLASS)
}

function removeFromTree(kernel: KernelState, device: PciDeviceState, input: TreeInput | undefined): void {
  for (const name of Object.keys(input ?? {})) {
    kernel.tree.remove(name.startsWith('/') ? name : `${device.location}/${name}`)
  }
}

/** Puts a link as sysfs makes them: relative to the real directory it lies in. */
export function putLink(kernel: KernelState, path: string, target: string): void {
  kernel.tree.put(path, { type: 'link', target: posix.relative(posix.dirname(path), target) })
}
