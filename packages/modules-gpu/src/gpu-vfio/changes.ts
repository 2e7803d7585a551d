import type { Change, Host, LoadKernelModule } from '@janus/core'
import { bindChange } from './changes/bind-change.js'
import { disableVirtualFunctionsChanges } from './changes/disable-virtual-functions-changes.js'
import { loadChange } from './changes/load-change.js'
import { clearOverrideChange, overrideChange } from './changes/override-change.js'
import { unbindChange } from './changes/unbind-change.js'
import { readUnboundTarget, type UnboundTarget } from './changes/unbound-target.js'
import { NO_OVERRIDE } from './driver-override.js'
import type { Survey } from './survey.js'
import type { Selection, Target } from './targets.js'

/**
 * The changes that bind the targets: the driver is loaded before anything is unbound, then each function in address
 * order gets its override, leaves its driver and is bound. With the override first, no other driver can take the
 * device in between, and loading the driver completes the binding after a crash.
 */
export async function bindingChanges(survey: Survey, selection: Selection): Promise<readonly Change[]> {
  const unbound = selection.targets.filter(({ isBound }) => !isBound)
  const pending = await Promise.all(unbound.map((target) => readUnboundTarget(survey.host, target)))
  const loads = await loadChanges(survey, pending)
  const waiting = pending.filter((target) => loads.some(({ name }) => name === target.vfio.module) && isWaiting(target))
  const changes: Change[] = [...waiting.map(clearOverrideChange), ...loads]
  for (const target of pending.map((pendingTarget) => withoutOverride(pendingTarget, waiting))) {
    changes.push(...(await disableVirtualFunctionsChanges(survey, selection, target)))
    changes.push(...overrideChange(target))
    changes.push(...(await unbindChange(survey.host, selection.options, target)))
    changes.push(bindChange(target))
  }
  return changes
}

/** True for a device that loading its VFIO driver would bind by itself, before the step that is to do it. */
function isWaiting({ device, override, vfio }: Target): boolean {
  return device.driver === undefined && override.value === vfio.driver
}

function withoutOverride(target: UnboundTarget, waiting: readonly UnboundTarget[]): UnboundTarget {
  return waiting.includes(target) ? { ...target, override: { ...target.override, value: NO_OVERRIDE } } : target
}

async function loadChanges(
  { host, kernelModules }: Survey,
  pending: readonly Target[],
): Promise<readonly LoadKernelModule[]> {
  const drivers = new Map(pending.map(({ vfio }) => [vfio.module, vfio]))
  const changes: LoadKernelModule[] = []
  for (const vfio of drivers.values()) {
    if (await isPresent(host, vfio.driver)) continue
    const state = kernelModules.state(vfio.module)
    if (state !== 'loaded' && state !== 'built-in') changes.push(loadChange(vfio))
  }
  return changes
}

async function isPresent(host: Host, driver: string): Promise<boolean> {
  return host.exists(`/sys/bus/pci/drivers/${driver}`)
}
