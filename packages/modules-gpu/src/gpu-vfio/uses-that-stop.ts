import { DEVICE_USE_KINDS, type DeviceUseKind } from '@janus/core'
import type { GpuVfioOptions } from './options.js'

/** The kinds of use that stop a binding, also when they begin after the plan was made: all but those a human insists on. */
export function usesThatStop({ allowUse, disableVirtualFunctions }: GpuVfioOptions): readonly DeviceUseKind[] {
  const allowed = new Set<DeviceUseKind>([
    ...allowUse,
    ...(disableVirtualFunctions ? (['virtual-functions'] as const) : []),
  ])
  return DEVICE_USE_KINDS.filter((kind) => !allowed.has(kind))
}
