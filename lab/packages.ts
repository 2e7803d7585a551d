/** A Debian package that something in the lab runs, and why it is there. */
export interface DebianPackage {
  readonly name: string
  readonly reason: string
  /** Present on the machine when this program is found on PATH (or this file exists). */
  readonly provides: string
}

/** What every scenario needs. */
export const labPackages: readonly DebianPackage[] = [
  { name: 'qemu-system-x86', provides: 'qemu-system-x86_64', reason: 'the emulated machine, with its IOMMU' },
  { name: 'busybox-static', provides: 'busybox', reason: 'the shell and mount of the initramfs, and process 1' },
  { name: 'kmod', provides: 'depmod', reason: 'depmod for the kernel tree, modprobe in the guest' },
  { name: 'xz-utils', provides: 'xz', reason: 'kernel modules are compressed since Debian 13' },
  { name: 'util-linux', provides: 'setpriv', reason: 'QEMU dies with the process that started it; mount in the guest' },
  { name: 'e2fsprogs', provides: 'mkfs.ext4', reason: 'file systems on the emulated disks' },
  { name: 'perl-base', provides: 'perl', reason: 'single system calls with their errno, VFIO ioctls' },
  { name: 'iproute2', provides: 'ip', reason: 'the default route in the guest' },
  { name: 'pciutils', provides: 'lspci', reason: 'the inventory is compared with lspci' },
  { name: 'acpica-tools', provides: 'iasl', reason: 'compiles the ACPI table that gives the machine CPU frequencies' },
  { name: 'strace', provides: 'strace', reason: 'fault injection, and the list of mutating system calls' },
]

/** What only `npm run lab -- compare` needs: the tools Janus is compared with. */
export const comparePackages: readonly DebianPackage[] = [
  { name: 'driverctl', provides: 'driverctl', reason: 'compared tool' },
  { name: 'libvirt-daemon-system', provides: 'libvirtd', reason: 'compared tool (virsh nodedev-detach), the daemon' },
  { name: 'libvirt-clients', provides: 'virsh', reason: 'compared tool (virsh nodedev-detach), the client' },
  { name: 'udev', provides: '/lib/systemd/systemd-udevd', reason: 'libvirtd enumerates devices through udev' },
  { name: 'dpdk', provides: 'dpdk-devbind.py', reason: 'compared tool' },
]
