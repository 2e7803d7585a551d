import type { Host } from '@janus/core'
import { powerControlOf } from '../power-control.js'
import type { Target } from '../targets.js'

/** A target that is to be bound now, and what its way home has to bring back besides the driver. */
export interface UnboundTarget extends Target {
  /** True when it may sleep by itself: `power/control` is `auto` (ABI/testing/sysfs-devices-power). */
  readonly maySleep: boolean
}

/**
 * Reads of a target that is to be bound whether it may sleep. Of no other: once a VFIO driver has a device, some kernels
 * alone know what the attribute says, and a plan that asks for it has to wait for them.
 */
export async function readUnboundTarget(host: Host, target: Target): Promise<UnboundTarget> {
  const { value } = await host.readText(powerControlOf(target.device))
  return { ...target, maySleep: value?.trim() === 'auto' }
}
