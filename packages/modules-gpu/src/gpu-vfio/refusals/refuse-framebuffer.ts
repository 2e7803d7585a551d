import { deviceWords } from '../../device-words.js'
import { insistence } from '../insistence.js'
import type { Refusal } from '../refusal.js'
import type { Survey } from '../survey.js'
import type { Target } from '../targets.js'

/**
 * Refuses a display whose memory the simple framebuffer still owns: vfio-pci binds, but a guest then gets
 * "can't reserve" for the region. efifb and vesafb are not meant: the kernel evicts them when vfio-pci takes the device.
 */
export function refuseFramebuffer(
  { framebufferOwners }: Survey,
  { device, isBound }: Target,
  allowed: readonly string[],
): readonly Refusal[] {
  if (isBound || !device.isDisplay || allowed.includes('boot-display')) return []
  const owner = framebufferOwners.get(device.address)
  if (owner === undefined) return []
  return [
    {
      reason: 'framebuffer',
      device: device.address,
      summary: `${deviceWords(device)}: its memory still belongs to the framebuffer of the firmware (${owner.name})`,
      evidence: [{ path: '/proc/iomem', value: owner.line }],
      ...insistence('allowUse', ['boot-display']),
      remedy:
        'Boot with another display as the first, or with initcall_blacklist=sysfb_init, which also takes the early console away.',
    },
  ]
}
