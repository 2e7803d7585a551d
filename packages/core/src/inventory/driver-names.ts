/**
 * True for the name of vfio-pci or of a VFIO variant driver (`mlx5_vfio_pci`, `nvgrace-gpu-vfio-pci`). `vfio_pci` is
 * the module, not a driver: a device aimed at it never binds.
 */
export function isVfioDriver(name: string): boolean {
  return /^(?:vfio-pci|[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*[-_]vfio[-_]pci)$/.test(name)
}

/**
 * Drivers that leave the DMA of their device to whoever owns the group, so that a group stays viable with them: the
 * `driver_managed_dma` drivers (drivers/pci/pci-stub.c, drivers/pci/pcie/portdrv.c, drivers/vfio/pci).
 */
export function keepsGroupViable(driver: string | undefined): boolean {
  return driver === undefined || driver === 'pci-stub' || driver === 'pcieport' || isVfioDriver(driver)
}
