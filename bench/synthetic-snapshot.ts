import type { Snapshot, SnapshotEntry } from '../packages/core/src/contract/snapshot.js'

const FUNCTIONS_PER_DOMAIN = 256 * 32

/** Attributes of a network function with a driver, as a real one would have them. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  vendor: '0x8086\n',
  device: '0x10d3\n',
  class: '0x020000\n',
  revision: '0x00\n',
  subsystem_vendor: '0x8086\n',
  subsystem_device: '0xa01f\n',
  driver_override: '(null)\n',
  numa_node: '-1\n',
  enable: '1\n',
  modalias: 'pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00\n',
}

/**
 * A snapshot of a machine with so many PCI functions, each with a driver and in an IOMMU group of its own.
 * @param functions how many; more than 8192 go to further PCI domains
 */
export function syntheticSnapshot(functions: number): Snapshot {
  const entries: Record<string, SnapshotEntry> = {
    '/proc/cpuinfo': { text: 'processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu vmx\n' },
    '/proc/cmdline': { text: 'BOOT_IMAGE=/vmlinuz intel_iommu=on\n' },
    '/proc/modules': { text: 'e1000e 323584 0 - Live 0x0000000000000000\n' },
    '/sys/class/iommu/dmar0': { link: '/sys/devices/virtual/iommu/dmar0' },
  }
  for (let index = 0; index < functions; index++) Object.assign(entries, functionEntries(index))
  return {
    schema: 'janus.snapshot/1',
    capturedAt: '2026-01-01T00:00:00.000Z',
    janusVersion: '0.1.0',
    masked: true,
    entries,
    queries: {},
  }
}

function functionEntries(index: number): Record<string, SnapshotEntry> {
  const domain = hex(Math.floor(index / FUNCTIONS_PER_DOMAIN), 4)
  const bus = hex(Math.floor((index % FUNCTIONS_PER_DOMAIN) / 32), 2)
  const address = `${domain}:${bus}:${hex(index % 32, 2)}.0`
  const device = `/sys/devices/pci${domain}:${bus}/${address}`
  const group = `/sys/kernel/iommu_groups/${index}`
  const attributes = Object.entries(ATTRIBUTES).map(([name, text]) => [`${device}/${name}`, { text }] as const)
  return {
    ...Object.fromEntries(attributes),
    [`${device}/driver`]: { link: '/sys/bus/pci/drivers/e1000e' },
    [`${device}/iommu_group`]: { link: group },
    [`${device}/subsystem`]: { link: '/sys/bus/pci' },
    [`${group}/devices/${address}`]: { link: device },
    [`${group}/type`]: { text: 'DMA-FQ\n' },
    [`/sys/bus/pci/devices/${address}`]: { link: device },
    [`/sys/bus/pci/drivers/e1000e/${address}`]: { link: device },
  }
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}
