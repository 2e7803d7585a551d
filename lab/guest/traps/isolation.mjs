import { device } from '../kit.mjs'
import { bus } from './sysfs.mjs'

/** Devices that no IOMMU can give to a guest. */
export const noGroup = {
  name: 'no-group',
  title: 'a device outside of the IOMMU, beside others in groups',
  smoke: true,
  prepare: async ({ bypass }) => ({
    device: bypass,
    asks: ['bind'],
    exits: [1],
    evidence: [`${bus}/devices/${bypass}/iommu_group`, '/sys/class/iommu'],
  }),
}

export const noIommu = {
  name: 'no-iommu',
  title: 'no IOMMU in the machine, or switched off',
  machine: 'no-iommu',
  prepare: async ({ nic }) => ({
    device: nic,
    asks: ['bind'],
    exits: [1],
    evidence: ['/sys/class/iommu', `${bus}/devices/${nic}/iommu_group`, '/proc/cmdline'],
  }),
}

/** Bridges: vfio-pci takes none, and by then their own driver would be gone. */
export const rootPort = {
  name: 'root-port',
  title: 'a PCI Express root port with a device behind it',
  smoke: true,
  prepare: async ({ displayPort }) => bridge(displayPort),
}

export const pciBridge = {
  name: 'pci-bridge',
  title: 'a PCI Express to PCI bridge',
  prepare: async ({ pciBridge }) => bridge(pciBridge),
}

function bridge(address) {
  return { device: address, asks: ['bind'], exits: [1], evidence: [`${bus}/devices/${address}/class`] }
}

export const sibling = {
  name: 'sibling',
  title: 'an NIC whose IOMMU group holds a sound function on its host driver',
  smoke: true,
  async prepare({ nic, nicAudio }) {
    const { group } = device(nic)
    return {
      device: nic,
      asks: ['bind'],
      exits: [1],
      evidence: [`/sys/kernel/iommu_groups/${group}/devices/${nicAudio}`, nicAudio],
      flaws: async () =>
        device(nic).driver === 'vfio-pci' ? [`group ${group} is not viable: no guest can use it`] : [],
    }
  },
}
