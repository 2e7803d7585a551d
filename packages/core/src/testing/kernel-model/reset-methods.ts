import { type AttributeNode, atOnce, type KernelAnswer } from '../file-tree/tree-node.js'
import { type KernelState, type PciDeviceState, sysfsWord } from './kernel-state.js'

/**
 * `reset_method` and `reset` (drivers/pci/pci.c, reset_method_store). The list is read as it was written last; each name is
 * tried when it is written, so that `bus`, which the boot still found, is refused once another function shares the bus.
 */
export function resetAttributes(
  kernel: KernelState,
  device: PciDeviceState,
  supported: string,
): Readonly<Record<string, AttributeNode>> {
  const all = supported.split(' ')
  let enabled: readonly string[] = all

  function offered(): readonly string[] {
    const isAlone = ![...kernel.devices.values()].some((other) => other !== device && busOf(other) === busOf(device))
    return all.filter((method) => method !== 'bus' || isAlone)
  }

  function taken(): readonly string[] {
    const { module, methods } = device.spec.moduleResetMethods ?? { module: '', methods: '' }
    return kernel.modules.get(module)?.loaded === true ? [...offered(), ...methods.split(' ')] : offered()
  }

  function setMethods(text: string): KernelAnswer {
    const words = sysfsWord(text).split(' ').filter(Boolean)
    if (words.length === 1 && words[0] === 'default') enabled = offered()
    else if (words.every((word) => taken().includes(word))) enabled = words
    else return 'EINVAL'
    return 'ok'
  }

  return {
    reset_method: {
      type: 'attribute',
      mode: 0o644,
      show: atOnce(() => (enabled.length === 0 ? '' : `${enabled.join(' ')}\n`)),
      store: atOnce((text: string) => setMethods(text)),
    },
    reset: {
      type: 'attribute',
      mode: 0o200,
      store: atOnce((text: string) => {
        if (sysfsWord(text) !== '1') return 'EINVAL'
        return enabled.length === 0 ? 'ENOTTY' : 'ok'
      }),
    },
  }
}

function busOf({ address }: PciDeviceState): string {
  return address.slice(0, address.lastIndexOf(':'))
}
