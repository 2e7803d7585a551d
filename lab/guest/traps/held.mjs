import { device, holdVfioDevice } from '../kit.mjs'

export const held = {
  name: 'held',
  title: 'giving back a device that a virtual machine holds',
  smoke: true,
  async prepare({ twins: [nic] }, tool) {
    const home = device(nic).driver
    const bound = await tool.bind(nic)
    const holder = await holdVfioDevice(nic)
    if (holder.state !== 'held') throw new Error(`${tool.name}: ${holder.state} after ${JSON.stringify(bound)}`)
    return {
      device: nic,
      home,
      asks: ['give-back'],
      exits: [1],
      evidence: [`/dev/vfio/${device(nic).group}`, `process ${holder.pid}`],
      release: () => holder.release(),
      returnsBy: 'give-back',
    }
  },
}
