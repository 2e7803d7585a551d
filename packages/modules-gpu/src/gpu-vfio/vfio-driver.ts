import { findVfioDriver, type Host, type PciDevice, type VfioDriverChoice } from '@janus/core'

/**
 * Chooses the VFIO driver of a device.
 * @param forced name a human insists on; default the best match of modules.alias, otherwise vfio-pci
 */
export async function chooseVfioDriver(
  host: Host,
  device: PciDevice,
  forced: string | undefined,
): Promise<VfioDriverChoice> {
  if (forced === 'vfio-pci') return { driver: 'vfio-pci', module: 'vfio_pci', variant: false }
  const found = await findVfioDriver(host, device)
  if (forced === undefined || forced === found.driver) return found
  return { driver: forced, module: forced.replaceAll('-', '_'), variant: true }
}
