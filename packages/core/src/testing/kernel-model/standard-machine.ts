import type { TreeInput } from '../file-tree/tree-input.js'
import { deviceNode, link } from '../file-tree/tree-input.js'
import type { KernelModuleSpec, KernelPersonality, KernelSpec, PciDeviceSpec } from './kernel-spec.js'

/** What differs between variants of the standard machine. */
export interface StandardMachineOptions {
  readonly personality?: KernelPersonality
  /** `absent`: no device has a group. */
  readonly iommu?: 'on' | 'absent'
  /** vfio-pci is loaded at the start. Default: it is not. */
  readonly vfio?: 'loaded' | 'unloaded' | 'missing'
  readonly hangs?: 'at-once' | 'after-deadline'
  /** More devices, behind the standard ones. */
  readonly devices?: readonly PciDeviceSpec[]
  readonly files?: TreeInput
}

/** Addresses of the standard machine's functions. */
export const standardAddresses = {
  hostBridge: '0000:00:00.0',
  nic: '0000:01:00.0',
  nicAudio: '0000:01:00.1',
  nvme: '0000:02:00.0',
  displayPort: '0000:00:03.0',
  display: '0000:03:00.0',
  displayAudio: '0000:03:00.1',
  pciBridge: '0000:04:00.0',
  conventionalNic: '0000:05:01.0',
  conventionalTest: '0000:05:02.0',
  conventionalEdu: '0000:05:03.0',
  physicalFunction: '0000:06:00.0',
  virtualFunctions: ['0000:06:00.1', '0000:06:00.2'],
  usb: '0000:00:10.0',
  isaBridge: '0000:00:1f.0',
  sata: '0000:00:1f.2',
  smbus: '0000:00:1f.3',
  ungrouped: '0000:81:00.0',
} as const

const NIC = {
  vendor: '8086',
  device: '10d3',
  class: '020000',
  subsystemVendor: '8086',
  subsystemDevice: '0000',
  resetMethods: 'pm bus',
}
const AUDIO = {
  vendor: '8086',
  device: '293e',
  class: '040300',
  subsystemVendor: '1af4',
  subsystemDevice: '1100',
  revision: '03',
}
const NVME = {
  vendor: '1b36',
  device: '0010',
  class: '010802',
  subsystemVendor: '1af4',
  subsystemDevice: '1100',
  revision: '02',
}
const ROOT_PORT = { vendor: '1b36', device: '000c', class: '060400', bridge: true, driver: 'pcieport' }

/**
 * The machine that the kernel lab emulates: an NIC and an audio function in one group, an NVMe drive, a display with
 * audio and their root port in one group, a bridge with conventional devices behind it, an SR-IOV function, a chipset
 * group, and an NIC that the IOMMU does not know.
 */
export function standardMachine(options: StandardMachineOptions = {}): KernelSpec {
  const devices = [...standardDevices(), ...(options.devices ?? [])]
  const { personality = '6.1' } = options
  return {
    personality,
    release: personality === '6.1' ? '6.1.0-56-amd64' : '6.12.107+deb13-amd64',
    devices: options.iommu === 'absent' ? devices.map(withoutGroup) : devices,
    modules: standardModules(options.vfio ?? 'unloaded'),
    hugepages: [
      { node: 0, sizeKiB: 2048, capacity: 316 },
      { node: 0, sizeKiB: 1048576, capacity: 0 },
    ],
    attributes: {
      '/sys/kernel/mm/transparent_hugepage/enabled': {
        text: 'madvise',
        accepts: ['always', 'madvise', 'never'],
        selector: true,
      },
    },
    files: { ...systemFiles(), ...options.files },
    ...(options.hangs === undefined ? {} : { hangs: options.hangs }),
  }
}

function standardDevices(): readonly PciDeviceSpec[] {
  const at = standardAddresses
  const functions = at.virtualFunctions.map((address, index) => ({
    ...NVME,
    address,
    parent: '0000:00:05.0',
    group: `${16 + index}`,
  }))
  return [
    { address: at.hostBridge, vendor: '8086', device: '29c0', class: '060000', group: '0' },
    { ...ROOT_PORT, address: '0000:00:02.0', group: '1' },
    { ...ROOT_PORT, address: '0000:00:02.1', group: '2' },
    { ...ROOT_PORT, address: at.displayPort, group: '3' },
    { ...ROOT_PORT, address: '0000:00:04.0', group: '4' },
    { ...ROOT_PORT, address: '0000:00:05.0', group: '5' },
    { address: at.usb, vendor: '1b36', device: '000d', class: '0c0330', group: '7', driver: 'xhci_hcd' },
    { address: at.isaBridge, vendor: '8086', device: '2918', class: '060100', group: '8' },
    { address: at.sata, vendor: '8086', device: '2922', class: '010601', group: '8', driver: 'ahci' },
    { address: at.smbus, vendor: '8086', device: '2930', class: '0c0500', group: '8', driver: 'i801_smbus' },
    {
      ...NIC,
      address: at.nic,
      parent: '0000:00:02.0',
      group: '9',
      driver: 'e1000e',
      whileBound: { e1000e: interfaceOf(at.nic, 'eth0') },
    },
    { ...AUDIO, address: at.nicAudio, parent: '0000:00:02.0', group: '9', driver: 'snd_hda_intel' },
    { ...NVME, address: at.nvme, parent: '0000:00:02.1', group: '10', driver: 'nvme', resetMethods: 'flr bus' },
    {
      address: at.display,
      vendor: '1234',
      device: '1111',
      class: '038000',
      parent: at.displayPort,
      group: '3',
      driver: 'bochs-drm',
    },
    { ...AUDIO, address: at.displayAudio, parent: at.displayPort, group: '3', driver: 'snd_hda_intel' },
    {
      address: at.pciBridge,
      vendor: '1b36',
      device: '000e',
      class: '060400',
      parent: '0000:00:04.0',
      group: '11',
      bridge: true,
    },
    {
      address: at.conventionalNic,
      vendor: '8086',
      device: '100e',
      class: '020000',
      parent: at.pciBridge,
      group: '11',
      driver: 'e1000',
    },
    {
      address: at.conventionalTest,
      vendor: '1b36',
      device: '0005',
      class: '00ff00',
      parent: at.pciBridge,
      group: '11',
    },
    { address: at.conventionalEdu, vendor: '1234', device: '11e8', class: '00ff00', parent: at.pciBridge, group: '11' },
    {
      ...NVME,
      address: at.physicalFunction,
      parent: '0000:00:05.0',
      group: '12',
      driver: 'nvme',
      virtualFunctions: functions,
    },
    { ...ROOT_PORT, address: '0000:80:00.0' },
    { ...NIC, address: at.ungrouped, parent: '0000:80:00.0', driver: 'e1000e' },
  ]
}

/** An NIC's interface: in its own directory, and in the class. */
function interfaceOf(address: string, name: string): TreeInput {
  return {
    net: { [name]: { address: '52:54:00:12:34:56\n', operstate: 'up\n' } },
    [`/sys/class/net/${name}`]: link(`../../bus/pci/devices/${address}/net/${name}`),
  }
}

function standardModules(vfio: 'loaded' | 'unloaded' | 'missing'): readonly KernelModuleSpec[] {
  const loaded = { state: 'loaded' } as const
  const vfioModules: readonly KernelModuleSpec[] = [
    { name: 'irqbypass' },
    { name: 'vfio', whileLoaded: { '/dev/vfio/vfio': deviceNode('character-device', '10:196', { mode: 0o666 }) } },
    { name: 'vfio_iommu_type1', dependsOn: ['vfio'] },
    { name: 'vfio_pci_core', dependsOn: ['vfio', 'irqbypass'] },
    { name: 'vfio_pci', dependsOn: ['vfio_pci_core'], drivers: [{ name: 'vfio-pci', kind: 'vfio' }] },
  ]
  return [
    { name: 'pcieportdrv', state: 'built-in', drivers: [{ name: 'pcieport', kind: 'port', ids: ['1b36:000c'] }] },
    { name: 'xhci_pci', ...loaded, drivers: [{ name: 'xhci_hcd', ids: ['class:0c0330'] }] },
    { name: 'ahci', ...loaded, drivers: [{ name: 'ahci', ids: ['class:010601'] }] },
    { name: 'i2c_i801', ...loaded, drivers: [{ name: 'i801_smbus', ids: ['8086:2930'] }] },
    { name: 'e1000e', ...loaded, drivers: [{ name: 'e1000e', ids: ['8086:10d3'] }] },
    { name: 'e1000', ...loaded, drivers: [{ name: 'e1000', ids: ['8086:100e'] }] },
    { name: 'snd_hda_intel', ...loaded, drivers: [{ name: 'snd_hda_intel', ids: ['8086:293e'] }] },
    { name: 'nvme', ...loaded, drivers: [{ name: 'nvme', ids: ['class:010802'], sriov: true }] },
    { name: 'bochs', ...loaded, drivers: [{ name: 'bochs-drm', ids: ['1234:1111'] }] },
    { name: 'kvm', ...loaded },
    ...(vfio === 'missing' ? [] : vfioModules.map((module) => (vfio === 'loaded' ? { ...module, ...loaded } : module))),
  ]
}

function systemFiles(): TreeInput {
  return {
    '/etc/hostname': 'lab\n',
    '/etc/modprobe.d/empty.conf': '',
    '/etc/fstab': '',
    '/proc/mounts': 'rootfs / rootfs rw 0 0\n',
    '/proc/swaps': 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n',
    '/proc/net/route': 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n',
    '/dev/kvm': deviceNode('character-device', '10:232', { mode: 0o660 }),
    '/var/lib': {},
  }
}

function withoutGroup({ group: _, ...device }: PciDeviceSpec): PciDeviceSpec {
  return device
}
