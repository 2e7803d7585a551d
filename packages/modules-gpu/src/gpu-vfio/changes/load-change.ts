import type { LoadKernelModule, VfioDriverChoice } from '@janus/core'

/** Loads the VFIO driver. Undone by core: unloaded again only if the load was ours and nothing uses it. */
export function loadChange({ driver, module }: VfioDriverChoice): LoadKernelModule {
  return {
    kind: 'load-kernel-module',
    name: module,
    why: `make ${driver} available before any device leaves its driver`,
    verify: [{ kind: 'exists', path: `/sys/bus/pci/drivers/${driver}` }],
    scope: 'runtime',
  }
}
