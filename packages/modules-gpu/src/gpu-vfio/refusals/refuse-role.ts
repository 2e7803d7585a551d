import { type Host, isOffTheBus, type PciDevice } from '@janus/core'
import { deviceWords } from '../../device-words.js'
import type { Refusal } from '../refusal.js'

/**
 * Refuses what is no endpoint, and what has fallen off the bus. Nobody may insist: vfio-pci takes header type 0 only.
 * @param mayWake true to ask the device itself whether it answers, which wakes a sleeping one
 */
export async function refuseRole(host: Host, device: PciDevice, mayWake: boolean): Promise<readonly Refusal[]> {
  if (device.vendor === 'ffff' || (mayWake && (await isOffTheBus(host, device)) === true)) return [offBus(device)]
  const evidence = [{ path: `${device.path}/class`, value: `0x${device.class}` }]
  switch (device.role) {
    case 'endpoint':
      return []
    case 'bridge':
    case 'host-bridge': {
      const summary = `${deviceWords(device)} is a bridge: it stays with the host, also when its group is given away`
      return [
        { reason: 'bridge', device: device.address, summary, evidence, remedy: 'Name the device behind the bridge.' },
      ]
    }
    case 'chipset': {
      const summary = `${deviceWords(device)} belongs to the chipset: the host cannot run without it`
      return [{ reason: 'chipset', device: device.address, summary, evidence, remedy: 'Leave it with the host.' }]
    }
  }
}

function offBus(device: PciDevice): Refusal {
  return {
    reason: 'off-bus',
    device: device.address,
    summary: `${device.address} does not answer: its identity reads as all ones, as after a failed reset or in D3cold`,
    evidence: [
      { path: `${device.path}/vendor`, value: `0x${device.vendor}` },
      { path: `${device.path}/config`, value: 'all ones' },
    ],
    remedy: 'Power the machine off and on again; writing d3cold_allowed=0 beforehand keeps some cards on the bus.',
  }
}
