import { type AttributeNode, atOnce } from '../file-tree/tree-node.js'
import { plainAttribute } from './attribute-nodes.js'
import type { PciDeviceSpec } from './kernel-spec.js'
import { sysfsWord } from './kernel-state.js'

/** How a device may save power: `d3cold_allowed` (ABI/testing/sysfs-bus-pci) and `power/control` (ABI/testing/sysfs-devices-power). */
export function powerAttributes({ power = {} }: PciDeviceSpec): Readonly<Record<string, AttributeNode>> {
  return {
    d3cold_allowed: coldAllowed(power.d3coldAllowed ?? true),
    'power/control': plainAttribute({ text: power.control ?? 'on', accepts: ['auto', 'on'] }),
  }
}

/** Takes any number, and reads as whether it was 0. */
function coldAllowed(atBoot: boolean): AttributeNode {
  let allowed = atBoot
  return {
    type: 'attribute',
    mode: 0o644,
    show: atOnce(() => `${allowed ? 1 : 0}\n`),
    store: atOnce((text: string) => {
      const word = sysfsWord(text)
      if (!/^\+?\d+$/.test(word)) return 'EINVAL'
      allowed = Number(word) !== 0
      return 'ok'
    }),
  }
}
