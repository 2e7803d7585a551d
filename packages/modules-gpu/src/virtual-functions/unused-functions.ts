import { type Condition, DEVICE_USE_KINDS, type DeviceUseKind, type PciDevice } from '@janus/core'

/**
 * Nobody uses a virtual function of the device, which would be lost with it; a machine would even keep the kernel waiting, with the device locked.
 * @param kinds the kinds of use that count: all, unless a human insists
 */
export function unusedFunctions({ path }: PciDevice, kinds: readonly DeviceUseKind[] = DEVICE_USE_KINDS): Condition {
  return { kind: 'unused', path, uses: kinds.filter((kind) => kind === 'virtual-machine'), functionUses: kinds }
}
