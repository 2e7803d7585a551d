import type { FileTree } from '../file-tree/file-tree.js'
import type { AttributeNode, Operation, Wait } from '../file-tree/tree-node.js'
import type { ReservePages } from './hugepages.js'
import type { KernelModuleSpec, KernelPersonality, PciDeviceSpec, PciDriverSpec } from './kernel-spec.js'
import type { Scheduler } from './scheduler.js'

/** A PCI function as the kernel keeps it. */
export interface PciDeviceState {
  readonly spec: PciDeviceSpec
  readonly address: string
  /** `/sys/devices/pci…/<address>`. */
  readonly location: string
  /** Set until remove() has returned: longer than the `driver` link is there. */
  driver: string | undefined
  override: string | undefined
  locked: boolean
  /** VFIO device descriptors that are open. */
  descriptors: number
  present: boolean
  /** Drivers set it too: a VFIO driver allows sleep when it takes a device, and forbids it when it lets go (drivers/vfio/pci/vfio_pci_core.c). */
  powerControl: 'auto' | 'on'
  /** Virtual functions it has enabled. */
  enabledFunctions: number
  functionsAutoprobe: boolean
  /** The physical function, for a virtual one. */
  readonly physicalFunction: PciDeviceState | undefined
}

/** A registered PCI driver. */
export interface PciDriverState {
  readonly spec: PciDriverSpec
  readonly name: string
  readonly module: string
  /** Ids added through `new_id`. */
  readonly dynamicIds: Set<string>
}

/** A kernel module that exists, loaded or not. */
export interface KernelModuleState {
  readonly spec: KernelModuleSpec
  loaded: boolean
}

/** The processors as the kernel keeps them. */
export interface ProcessorsState {
  readonly present: readonly number[]
  /** In ascending order. */
  readonly online: Set<number>
  /** Called after a processor came or went. */
  readonly onChange: (() => void)[]
}

/** Everything the model knows. */
export interface KernelState {
  readonly personality: KernelPersonality
  readonly tree: FileTree
  readonly scheduler: Scheduler
  /** In bus order. */
  readonly devices: Map<string, PciDeviceState>
  /** In order of registration. */
  readonly drivers: Map<string, PciDriverState>
  readonly modules: Map<string, KernelModuleState>
  /** IOMMU groups that a VFIO user owns, with the number of open descriptors. */
  readonly ownedGroups: Map<string, number>
  /** Uses of a module besides other modules and VFIO descriptors: each counts those it knows of. */
  readonly references: ((module: string) => number)[]
  /** Devices taken away by their `remove` attribute: a rescan finds them again. */
  readonly forgotten: PciDeviceSpec[]
  /** The attributes of a device that can be written, by name. */
  attributesOf(device: PciDeviceState): Readonly<Record<string, AttributeNode>>
  reservePages: ReservePages
}

/** Waits for a device's lock, does the work, gives the lock back. */
export function* withDeviceLock<Value>(device: PciDeviceState, work: () => Operation<Value>): Operation<Value> {
  const free: Wait = () => !device.locked
  yield free
  device.locked = true
  try {
    return yield* work()
  } finally {
    device.locked = false
  }
}

/** The word that sysfs compares: up to a NUL, without one trailing newline. */
export function sysfsWord(text: string): string {
  return (text.split('\0', 1)[0] ?? '').replace(/\n$/, '')
}

/** True when a driver would take a device: the override decides alone; without one, new ids and then the driver's own. */
export function driverMatches(driver: PciDriverState, device: PciDeviceState): boolean {
  if (device.override !== undefined) return device.override === driver.name
  const id = `${device.spec.vendor}:${device.spec.device}`
  return driver.dynamicIds.has(id) || knowsDevice(driver, device)
}

/** True when a driver's own table has the device. */
export function knowsDevice({ spec }: PciDriverState, device: PciDeviceState): boolean {
  const { vendor, device: model, class: classCode } = device.spec
  return (spec.ids ?? []).some((id) =>
    id.startsWith('class:') ? classCode.startsWith(id.slice('class:'.length)) : id === `${vendor}:${model}`,
  )
}
