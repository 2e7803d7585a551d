import { type Evidence, type Host, readPciDevices } from '@janus/core'

const PCI_DEVICES = '/sys/bus/pci/devices'

/** The list of PCI functions as evidence: how many it holds, or that it is absent. */
export async function pciDevicesEvidence(host: Host): Promise<Evidence> {
  if (!(await host.exists(PCI_DEVICES))) return { path: PCI_DEVICES }
  return { path: PCI_DEVICES, value: `${(await readPciDevices(host)).length} devices` }
}
