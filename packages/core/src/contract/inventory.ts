import type { PciAddress } from './pci-address.js'

/** What kind of thing sits at a PCI address, by header type and class code. */
export type PciRole = 'endpoint' | 'bridge' | 'host-bridge' | 'chipset'

/** One PCI function as sysfs shows it. Numbers are lower-case hex without `0x`, as `lspci -n` prints them. */
export interface PciDevice {
  readonly address: PciAddress
  /** `/sys/bus/pci/devices/<address>`. */
  readonly path: string
  readonly vendor: string
  readonly device: string
  readonly subsystemVendor?: string
  readonly subsystemDevice?: string
  /** Six hex digits: base class, sub class, programming interface. */
  readonly class: string
  /** Words for the class, from core's own short table: `VGA display controller`. */
  readonly className: string
  readonly revision?: string
  readonly role: PciRole
  /** Base class 03. */
  readonly isDisplay: boolean
  /** Real location: `/sys/devices/pci0000:00/0000:00:02.0/0000:01:00.0`. */
  readonly location?: string
  /** Address of the bridge above it, if any. */
  readonly parent?: PciAddress
  /** Name of the bound driver. */
  readonly driver?: string
  /** IOMMU group number, as text. */
  readonly iommuGroup?: string
  readonly numaNode?: number
  /** `true` for the display the firmware started on. */
  readonly bootDisplay?: boolean
  /** SR-IOV: virtual functions enabled, and the most there can be. */
  readonly virtualFunctions?: { readonly enabled: number; readonly total: number }
  /** SR-IOV: the physical function this virtual one belongs to. */
  readonly physicalFunction?: PciAddress
  /** `modalias`, for finding drivers in modules.alias. */
  readonly modalias?: string
}

/** One IOMMU group. */
export interface IommuGroup {
  /** Group number, as text. Not stable across boots. */
  readonly id: string
  readonly type?: string
  readonly members: readonly PciAddress[]
}

/** What a use of a device can be, so that a consumer can decide which may be overridden. */
export const DEVICE_USE_KINDS = [
  'mount',
  'swap',
  'device-mapper',
  'raid',
  'lvm',
  'zfs',
  'fstab',
  'loop',
  'data',
  'default-route',
  'session',
  'bond',
  'bridge',
  'vlan',
  'network-root',
  'network-namespace',
  'address',
  'display',
  'boot-display',
  'only-display',
  'descriptor',
  'last-keyboard',
  'boot-medium',
  'virtual-functions',
  'virtual-machine',
] as const

/** One of {@link DEVICE_USE_KINDS}. */
export type DeviceUseKind = (typeof DEVICE_USE_KINDS)[number]

/** One way in which the host uses a device, with the chain from the device to the use. */
export interface DeviceUse {
  readonly kind: DeviceUseKind
  /** `blocking`: losing it hurts the host. `notice`: worth saying. */
  readonly severity: 'blocking' | 'notice'
  /** One line: `/dev/nvme0n1p2 is mounted on /home`. */
  readonly summary: string
  /** From the device to the use: `nvme0n1`, `nvme0n1p2`, `dm-0`, `/home`. */
  readonly chain: readonly string[]
  /** The path that shows it. */
  readonly evidence: string
}

/** A device in the listing of a host: what it is, its group, and who uses it. */
export interface InventoryDevice extends PciDevice {
  readonly uses: readonly DeviceUse[]
}

/** The PCI side of a host. */
export interface Inventory {
  readonly host: string
  readonly devices: readonly InventoryDevice[]
  readonly groups: readonly IommuGroup[]
  /** True when an IOMMU is in effect: `/sys/class/iommu` is not empty. `undefined` when that cannot be known. */
  readonly iommu?: boolean
}
