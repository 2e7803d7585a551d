/**
 * The first rule of a file that is meant for the udev of the real root only: in an initramfs it goes straight to the label.
 * dracut puts every file of /etc/udev/rules.d into the image it builds for this host (modules.d/01systemd-udevd), and a change
 * or a removal of the file does not reach that copy. /etc/initrd-release is what says that an initrd runs (os-release(5)):
 * dracut makes it in every image (modules.d/99base). The images of initramfs-tools and mkinitcpio have only the rules that
 * they name. A path that begins with `/` is looked up as it stands (`TK_M_TEST` in systemd's src/udev/udev-rules.c).
 */
export function outsideInitramfs(label: string): string {
  return `TEST=="/etc/initrd-release", GOTO="${label}"`
}
