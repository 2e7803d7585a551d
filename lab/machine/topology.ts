import { standardAddresses } from '../../packages/core/src/testing/kernel-model/standard-machine.js'

/**
 * What the emulated machine consists of. The standard devices are always there; no add-on changes the address of another
 * device (README.md lists them all), though it may renumber the IOMMU groups.
 */
export interface MachineOptions {
  /** `on` by default; `off`: present, but switched off by the kernel command line; `absent`: the machine has none. */
  readonly iommu?: 'on' | 'off' | 'absent'
  /** An NIC on a host bridge that bypasses the IOMMU: a device without a group beside devices that have one. */
  readonly bypassDevice?: boolean
  /** A second NUMA node, with CPU 1 and half of the memory, and an NIC on its own host bridge. */
  readonly numa?: boolean
  /** A VGA adapter that the firmware and vesafb use: `boot_vga` is 1 and the kernel's framebuffer lies in its BAR. */
  readonly bootDisplay?: boolean
  /** Two NICs that differ in nothing but their address. */
  readonly twins?: boolean
  /** An NIC with a network behind it, meant for the default route (see the kit's `setUpDefaultRoute`). */
  readonly uplink?: boolean
  /** A codec behind the audio function of the NIC, so that it is a sound card; without one its driver finds none. */
  readonly soundCard?: boolean
  readonly cpus?: number
  /** Threads of each core; `cpus` counts threads. Default: one, no SMT to switch. With more there is no KVM in the guest. */
  readonly threads?: number
  /** The firmware describes performance states (an ACPI table of ours), so that acpi-cpufreq works; one policy per core. */
  readonly cpuFrequencies?: boolean
  readonly memoryMiB?: number
  /** Another drive in the place of the first NVMe: the same class, another vendor and device. */
  readonly otherNvme?: boolean
  /** Modules that may not be loaded; `bootDisplay` adds the one that would take the adapter from vesafb. */
  readonly moduleBlacklist?: readonly string[]
  readonly kernelArguments?: readonly string[]
}

const { ungrouped: bypass, ...standard } = standardAddresses

/** Addresses on the standard machine and its add-ons, as the guest sees them. The kernel model has the same standard machine. */
export const addresses = {
  ...standard,
  bootDisplay: '0000:00:08.0',
  twins: ['0000:07:00.0', '0000:08:00.0'],
  uplink: '0000:09:00.0',
  bypass,
  farNic: '0000:a1:00.0',
} as const

/** QEMU's arguments for the machine and its devices, without kernel, disks and channels. */
export function machineArguments(options: MachineOptions, nvmeImage: string): string[] {
  const { iommu = 'on', memoryMiB = 1024, cpus = 2 } = options
  const lines = [
    `-machine q35,accel=tcg,kernel-irqchip=split ${processors(cpus, options.threads)} -m ${memoryMiB}`,
    iommu === 'absent' ? '' : '-device intel-iommu,intremap=on,caching-mode=on',
    ...standardDevices.map((line) =>
      options.otherNvme ? line.replace('drive=nvme', 'drive=nvme,use-intel-id=on') : line,
    ),
    options.bootDisplay ? '-device VGA,bus=pcie.0,addr=0x8' : '',
    ...(options.twins ? twins : []),
    ...(options.uplink ? uplink : []),
    options.soundCard ? '-audiodev none,id=a0 -device hda-output,bus=hda1.0,audiodev=a0' : '',
    ...(options.bypassDevice ? bypassDevice : []),
    ...(options.numa ? farNode(memoryMiB, cpus) : []),
  ]
  const nvme = ['-drive', `if=none,id=nvme,file=${escaped(nvmeImage)},format=raw,cache=writeback`]
  return [...nvme, ...lines.flatMap((line) => line.split(' ').filter(Boolean))]
}

/** What costs an emulator most and no scenario needs: a fifth level of page tables, and calls for every vector of AVX. */
const processor = 'max,la57=off,avx=off,avx2=off'

/** Of threads beside each other Linux is told by an Intel processor only: QEMU emulates no AMD topology without KVM. */
function processors(cpus: number, threads = 1): string {
  if (threads === 1) return `-cpu ${processor} -smp ${cpus}`
  return `-cpu ${processor},vendor=GenuineIntel -smp cpus=${cpus},sockets=1,cores=${cpus / threads},threads=${threads}`
}

/** The kernel command line that belongs to the machine. */
export function kernelArguments(options: MachineOptions): string[] {
  const blacklist = [...(options.moduleBlacklist ?? []), ...(options.bootDisplay ? ['bochs'] : [])]
  return [
    `intel_iommu=${options.iommu === 'off' ? 'off' : 'on'}`,
    // On a busy host the emulated timer comes too late for the kernel's test of it, which then panics.
    'no_timer_check',
    // Page tables apart from the kernel's, as for an Intel processor, empty the emulator's own at every call.
    'nopti',
    ...(options.bootDisplay ? ['vga=791'] : []),
    ...(blacklist.length > 0 ? [`module_blacklist=${blacklist.join(',')}`] : []),
    ...(options.kernelArguments ?? []),
  ]
}

/** A comma separates QEMU's options and is doubled to stand for itself. */
export function escaped(path: string): string {
  return path.replaceAll(',', ',,')
}

// The empty romfile saves the seconds in which the firmware would run the network boot code of every NIC.
const standardDevices = [
  '-device pcie-root-port,id=rp1,bus=pcie.0,chassis=1,slot=1,addr=0x2.0,multifunction=on',
  '-device pcie-root-port,id=rp2,bus=pcie.0,chassis=2,slot=2,addr=0x2.1',
  '-device pcie-root-port,id=rp3,bus=pcie.0,chassis=3,slot=3,addr=0x3,disable-acs=on',
  '-device pcie-root-port,id=rp4,bus=pcie.0,chassis=4,slot=4,addr=0x4',
  '-device pcie-root-port,id=rp5,bus=pcie.0,chassis=5,slot=5,addr=0x5',
  '-netdev user,id=n0,restrict=on',
  '-device e1000e,bus=rp1,addr=0.0,multifunction=on,netdev=n0,romfile= -device ich9-intel-hda,id=hda1,bus=rp1,addr=0.1',
  '-device nvme,id=nv0,serial=janus0,bus=rp2,drive=nvme',
  '-device bochs-display,bus=rp3,addr=0.0,multifunction=on -device ich9-intel-hda,bus=rp3,addr=0.1',
  '-device pcie-pci-bridge,id=pb,bus=rp4',
  '-device e1000,bus=pb,addr=1,romfile= -device pci-testdev,bus=pb,addr=2 -device edu,bus=pb,addr=3',
  '-device nvme-subsys,id=ss0,nqn=janus-ss',
  '-device nvme,id=nv1,serial=janus1,bus=rp5,subsys=ss0,sriov_max_vfs=2,sriov_vq_flexible=4,sriov_vi_flexible=2,max_ioqpairs=6,msix_qsize=5',
  '-device qemu-xhci,bus=pcie.0,addr=0x10',
  // Ports of the add-ons; there even when they are empty, because every port takes a bus number from those behind it.
  '-device pcie-root-port,id=rp6,bus=pcie.0,chassis=6,slot=6,addr=0x6',
  '-device pcie-root-port,id=rp7,bus=pcie.0,chassis=7,slot=7,addr=0x7',
  '-device pcie-root-port,id=rp9,bus=pcie.0,chassis=9,slot=9,addr=0x9',
]

const twins = ['-device e1000e,bus=rp6,romfile=', '-device e1000e,bus=rp7,romfile=']

const uplink = ['-netdev user,id=n9,restrict=on -device e1000e,bus=rp9,netdev=n9,romfile=']

const bypassDevice = [
  '-device pxb-pcie,id=pxb1,bus=pcie.0,addr=0x18,bus_nr=128,bypass_iommu=on',
  '-device pcie-root-port,id=rp10,bus=pxb1,chassis=10,slot=10 -device e1000e,bus=rp10,romfile=',
]

function farNode(memoryMiB: number, cpus: number): string[] {
  const half = Math.floor(memoryMiB / 2)
  const nodes = [
    { id: 0, cpus: cpus > 2 ? `0-${cpus / 2 - 1}` : '0', size: memoryMiB - half },
    { id: 1, cpus: cpus > 2 ? `${cpus / 2}-${cpus - 1}` : '1', size: half },
  ]
  return [
    ...nodes.flatMap(({ id, cpus, size }) => [
      `-object memory-backend-ram,id=ram${id},size=${size}M`,
      `-numa node,nodeid=${id},cpus=${cpus},memdev=ram${id}`,
    ]),
    '-device pxb-pcie,id=pxb2,bus=pcie.0,addr=0x19,bus_nr=160,numa_node=1',
    '-device pcie-root-port,id=rp11,bus=pxb2,chassis=11,slot=11 -device e1000e,bus=rp11,romfile=',
  ]
}
