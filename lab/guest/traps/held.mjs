import { device, holdVfioDevice } from '../kit.mjs'

export const held = {
  name: 'held',
  title: 'giving back a device that a virtual machine holds',
  smoke: true,
  async prepare({ nvme }, tool) {
    const home = device(nvme).driver
    const bound = await tool.bind(nvme)
    const holder = await holdVfioDevice(nvme)
    if (holder.state !== 'held') throw new Error(`${tool.name}: ${holder.state} after ${JSON.stringify(bound)}`)
    return {
      device: nvme,
      home,
      asks: ['give-back'],
      exits: [1],
      evidence: [`/dev/vfio/${device(nvme).group}`, `process ${holder.pid}`],
      release: () => holder.release(),
      returnsBy: 'give-back',
    }
  },
}
