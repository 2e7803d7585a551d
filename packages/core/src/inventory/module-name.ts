/** Name of a kernel module in the kernel's spelling: dashes and underscores are the same. */
export function kernelModuleName(name: string): string {
  return name.replaceAll('-', '_')
}

/** Name of the module that a file holds: `kernel/drivers/vfio/pci/vfio-pci.ko.xz` is vfio_pci. Undefined for other files. */
export function moduleOfFile(path: string): string | undefined {
  const name = /^([^/]+)\.ko(?:\.(?:gz|xz|zst))?$/.exec(path.slice(path.lastIndexOf('/') + 1))?.[1]
  return name === undefined ? undefined : kernelModuleName(name)
}
