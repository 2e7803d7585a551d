import type { UndoChange } from '../contract/change.js'

const PATHS: readonly RegExp[] = [
  /^\/proc\/sys\/kernel\/(core_pattern|modprobe|hotplug|poweroff_cmd|usermodehelper)/,
  /^\/sys\/kernel\/uevent_helper$/,
  /^\/etc\/(cron|anacrontab|profile|bash|environment|ld\.so|sudoers|pam\.d|systemd|init|rc|modprobe\.d|udev|initramfs-tools|dracut|kernel|apt\/apt\.conf\.d|NetworkManager\/dispatcher\.d|libvirt\/hooks|grub\.d|default\/)/,
  /^\/(usr\/)?(s?bin|lib(64|exec)?|local)\//,
  /^\/(var\/spool\/cron|root|boot)\//,
  /^\/run\/(systemd|udev)\//,
]

/**
 * True when a change makes the kernel or root run something later: what it writes is a program, or names one. Printed
 * as *runs as root*, and refused from modules that are not trusted.
 */
export function runsAsRoot(change: UndoChange): boolean {
  if (change.kind === 'run-command' || change.kind === 'load-kernel-module') return true
  return 'path' in change && PATHS.some((pattern) => pattern.test(change.path))
}
