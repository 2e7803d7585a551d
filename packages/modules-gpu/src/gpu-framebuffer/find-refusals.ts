import { deviceWords } from '../device-words.js'
import { insistence } from '../gpu-vfio/insistence.js'
import type { Refusal } from '../gpu-vfio/refusal.js'
import { holderWords } from '../holders.js'
import { listWords } from '../list-words.js'
import type { Display } from './display.js'
import type { GpuFramebufferOptions } from './options.js'

/** Every reason not to take the console from the display. */
export function findRefusals({ device, holders, seat }: Display, options: GpuFramebufferOptions): readonly Refusal[] {
  if (!device.isDisplay) {
    const summary = `${deviceWords(device)} is no display`
    const evidence = [{ path: `${device.path}/class`, value: `0x${device.class}` }]
    const remedy = 'Name a display: janus bind --list shows them.'
    return [{ reason: 'no-display', device: device.address, summary, evidence, remedy }]
  }
  if (holders.holders.length === 0 || options.stopDisplayManager) return []
  const sessions = seat.sessions.length === 0 ? '' : `; on the seat: ${listWords(seat.sessions)}`
  const summary = `${deviceWords(device)} is in use: ${listWords(holderWords(holders.holders))}${sessions}`
  const pids = [...new Set(holders.holders.map(({ pid }) => pid))].slice(0, 20)
  return [
    {
      reason: 'in-use-display',
      device: device.address,
      summary,
      evidence: pids.map((pid) => ({ path: `/proc/${pid}/fd` })),
      ...insistence('stopDisplayManager', true),
      remedy: 'End these programs.',
    },
  ]
}
