import { deviceWords } from '../../device-words.js'
import type { Refusal } from '../refusal.js'
import type { Survey } from '../survey.js'
import type { Target } from '../targets.js'

/** What the firmware's framebuffer is called in /proc/iomem while the kernel draws on it without a real driver. */
const HELD_BY_FIRMWARE = /^(?:BOOTFB|simpledrm|simplefb|simple-framebuffer.*)$/

/**
 * Refuses a display whose memory the simple framebuffer still owns: vfio-pci binds, but a guest then gets
 * "can't reserve" for the region. efifb and vesafb are not meant: the kernel evicts them when vfio-pci takes the device.
 */
export async function refuseFramebuffer(
  { host }: Survey,
  { device, isBound }: Target,
  allowed: readonly string[],
): Promise<readonly Refusal[]> {
  if (isBound || !device.isDisplay || allowed.includes('boot-display')) return []
  const owner = framebufferOwner((await host.readText('/proc/iomem')).value ?? '', device.address)
  if (owner === undefined) return []
  return [
    {
      reason: 'framebuffer',
      device: device.address,
      summary: `${deviceWords(device)}: its memory still belongs to the framebuffer of the firmware (${owner.name})`,
      evidence: [{ path: '/proc/iomem', value: owner.line }],
      option: 'allowUse: ["boot-display"]',
      remedy:
        'Boot with another display as the first, or with initcall_blacklist=sysfb_init, which also takes the early console away.',
    },
  ]
}

/** The line of the framebuffer nested under a region of the device, by the indentation of /proc/iomem. */
function framebufferOwner(iomem: string, address: string): { name: string; line: string } | undefined {
  let depth: number | undefined
  for (const line of iomem.split('\n')) {
    const match = /^( *)\S+ : (.*)$/.exec(line)
    const [, indent = '', name = ''] = match ?? []
    if (match === null) continue
    if (depth !== undefined && indent.length <= depth) depth = undefined
    if (depth !== undefined && HELD_BY_FIRMWARE.test(name)) return { name, line: line.trim() }
    if (depth === undefined && name === address) depth = indent.length
  }
  return undefined
}
