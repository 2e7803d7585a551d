import type { Evidence } from '../../contract/finding.js'

/** What keeps the kernel command line of a host. */
export type BootLoaderKind = 'grub' | 'grubby' | 'systemd-boot' | 'kernelstub' | 'proxmox-grub' | 'proxmox-systemd-boot'

/** The boot loader of a host, as far as the kernel command line goes. */
export interface BootLoader {
  readonly kind: BootLoaderKind
  /** For messages: `GRUB`. */
  readonly name: string
  /** What shows that it is this one. */
  readonly evidence: readonly Evidence[]
}
