import type { Change, Host } from '@janus/core'
import { bindChange } from './changes/bind-change.js'
import { disableVirtualFunctionsChange } from './changes/disable-virtual-functions-change.js'
import { loadChange } from './changes/load-change.js'
import { overrideChange } from './changes/override-change.js'
import { unbindChange } from './changes/unbind-change.js'
import type { Survey } from './survey.js'
import type { Selection, Target } from './targets.js'

/**
 * The changes that bind the targets: the driver is loaded before anything is unbound, then each function in address
 * order gets its override, leaves its driver and is bound. With the override first, no other driver can take the
 * device in between, and loading the driver completes the binding after a crash.
 */
export async function bindingChanges(survey: Survey, selection: Selection): Promise<readonly Change[]> {
  const pending = selection.targets.filter(({ isBound }) => !isBound)
  const changes: Change[] = [...(await loadChanges(survey, pending))]
  for (const target of pending) {
    changes.push(...disableVirtualFunctionsChange(selection, target))
    changes.push(...overrideChange(target))
    changes.push(...(await unbindChange(survey.host, target)))
    changes.push(bindChange(target))
  }
  return changes
}

async function loadChanges({ host, kernelModules }: Survey, pending: readonly Target[]): Promise<readonly Change[]> {
  const drivers = new Map(pending.map(({ vfio }) => [vfio.module, vfio]))
  const changes: Change[] = []
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
