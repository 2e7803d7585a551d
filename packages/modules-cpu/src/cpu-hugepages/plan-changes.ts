import type { Change, Host, Query } from '@janus/core'
import { reservationChange } from './changes.js'
import { giganticChanges } from './gigantic-changes.js'
import type { CpuHugepagesOptions } from './options.js'
import { withFolders } from './own-file.js'
import { persistentChanges } from './persistent-changes.js'
import { planReservations, spreadOver } from './reservations.js'
import { readTarget } from './target.js'
import { transparentChanges } from './transparent-changes.js'

/**
 * Everything the options ask for: pages now, pages at every boot, transparent hugepages. Persistent gigantic pages are left to
 * the next boot: memory that was used once has rarely 1 GiB in one piece.
 * @throws JANUS_HOST_UNFIT, JANUS_HOST_LACKS_FEATURE and others, naming numbers and files
 */
export async function planChanges(host: Host, query: Query, options: CpuHugepagesOptions): Promise<readonly Change[]> {
  const target = await readTarget(host, options)
  const changes: Change[] = []
  if (target !== undefined) {
    const { persistent = false, defaultSize = false } = options
    if (persistent && target.isGigantic) changes.push(...(await giganticChanges(host, query, target, defaultSize)))
    else {
      changes.push(...(await planReservations(host, target)).map(reservationChange))
      if (persistent) changes.push(...(await persistentChanges(host, target, await spreadOver(host, target))))
    }
  }
  return withFolders(host, [...changes, ...(await transparentChanges(host, options))])
}
