import type { Change, Host } from '@janus/core'
import type { CpuIsolationOptions } from './options.js'
import { partitionChanges } from './partition-changes.js'
import type { Isolable } from './require-isolable.js'
import { restrictChanges } from './restrict-changes.js'
import { sliceChanges } from './slice-changes.js'

/** The changes that the chosen way needs; none when the processors are isolated so already. */
export async function isolationChanges(
  host: Host,
  isolable: Isolable,
  options: CpuIsolationOptions,
): Promise<readonly Change[]> {
  switch (isolable.mode) {
    case 'partition':
      return partitionChanges(isolable, options)
    case 'restrict':
      return await restrictChanges(host, isolable, options)
    case 'systemd':
      return await sliceChanges(host, isolable, options)
  }
}
