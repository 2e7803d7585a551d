import type { UndoChange } from '../contract/change.js'

const SET_ID_BITS = 0o6000
const PATHS: readonly RegExp[] = [
  /^\/proc\/sys\/kernel\/(core_pattern|modprobe|hotplug|poweroff_cmd|usermodehelper)/,
  /^\/proc\/sys\/fs\/binfmt_misc\//,
  // By way of a process every file can be reached under another name: /proc/1/root/etc/cron.d.
  /^\/proc\/(\d+|self|thread-self)\//,
  /^\/sys\/kernel\/uevent_helper$/,
  /^\/etc\/(passwd|shadow|group|gshadow|ssh|polkit-1|dbus-1|alternatives|network|logrotate|subuid|subgid|nsswitch)/,
  /^\/etc\/(cron|anacrontab|profile|bash|environment|ld\.so|sudoers|pam\.d|systemd|init|rc|modprobe\.d|udev|initramfs-tools|dracut|kernel|apt\/apt\.conf\.d|NetworkManager\/dispatcher\.d|libvirt\/hooks|grub\.d|default\/)/,
  // At boot these set core_pattern, load modules, write any file, add users and run key scripts.
  /^\/(etc|run)\/(sysctl\.|tmpfiles\.d|sysusers\.d|modules|modprobe\.d|binfmt\.d)/,
  /^\/etc\/(crypttab|fstab)$/,
  // What builds or chooses what boots: shell that root sources, hooks of a package manager, the kernel's own parameters.
  /^\/etc\/(mkinitcpio|cmdline\.d|pacman\.d\/hooks)/,
  /^\/(usr\/)?(s?bin|lib(64|exec)?|local)\//,
  /^\/(var\/spool\/cron|root|boot|efi)\//,
  /^\/run\/(systemd|udev)\//,
]

/**
 * True when a change makes the kernel or root run something later: what it writes is a program, or names one. Printed
 * as *runs as root*, and refused from modules that are not trusted.
 */
export function runsAsRoot(change: UndoChange): boolean {
  if (change.kind === 'run-command' || change.kind === 'load-kernel-module') return true
  if (change.kind === 'write-file' && (change.mode & SET_ID_BITS) !== 0) return true
  return 'path' in change && PATHS.some((pattern) => pattern.test(change.path))
}
