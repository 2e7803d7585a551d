import { mountedDisk } from './file-system.mjs'

export const mounted = {
  name: 'mounted',
  title: 'an NVMe with a mounted ext4',
  smoke: true,
  prepare: async ({ nvme }) => inUse(nvme, await mountedDisk(nvme)),
}

export const mountedThroughLayers = {
  name: 'mounted-layers',
  title: 'an NVMe whose partition carries a device-mapper volume with a mounted ext4',
  prepare: async ({ nvme }) => inUse(nvme, await mountedDisk(nvme, { layered: true })),
}

/** Giving back what was never taken must leave it alone; a tool that unbinds and probes again kills what is mounted. */
export const neverBound = {
  name: 'never-bound',
  title: 'rollback of a mounted NVMe that was never bound',
  smoke: true,
  async prepare({ nvme }) {
    const { harm, close } = await mountedDisk(nvme)
    return {
      device: nvme,
      asks: ['give-back'],
      exits: [1],
      alreadySo: true,
      evidence: ['JANUS_TRANSACTION_NOT_FOUND'],
      harm,
      close,
    }
  },
}

function inUse(controller, { folder, harm, close }) {
  return { device: controller, asks: ['bind'], exits: [1], evidence: ['/proc/self/mountinfo', folder], harm, close }
}
