import { type AttributeNode, atOnce } from '../file-tree/tree-node.js'
import { type PciDeviceState, sysfsWord } from './kernel-state.js'

/** How a device may save power: `d3cold_allowed` (ABI/testing/sysfs-bus-pci) and `power/control` (ABI/testing/sysfs-devices-power). */
export function powerAttributes(device: PciDeviceState): Readonly<Record<string, AttributeNode>> {
  return {
    d3cold_allowed: coldAllowed(device.spec.power?.d3coldAllowed ?? true),
    'power/control': {
      type: 'attribute',
      mode: 0o644,
      show: atOnce(() => `${device.powerControl}\n`),
      store: atOnce((text: string) => {
        const word = sysfsWord(text)
        if (word !== 'auto' && word !== 'on') return 'EINVAL'
        device.powerControl = word
        return 'ok'
      }),
    },
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
