import { type Change, defineModule, type Host } from '@janus/core'
import { VERSION } from '../version.js'
import { affinityLosses } from './affinity-losses.js'
import { isolationChanges } from './isolation-changes.js'
import { isolationFindings } from './isolation-findings.js'
import { cpuIsolationOptions } from './options.js'
import { requestedFindings } from './requested-findings.js'
import { requireIsolable } from './require-isolable.js'
import { readSituation } from './situation.js'
import { touchedGroups } from './touched-groups.js'

/**
 * Takes processors from the host for guests, at run time. Apply throws JANUS_HOST_UNFIT for what cannot be, naming the file
 * and the value that say so.
 */
export const cpuIsolation = defineModule({
  metadata: {
    type: 'cpu',
    id: 'cpu-isolation',
    version: VERSION,
    compatApi: 1,
    after: ['cpu-smt'],
    summary: 'Takes processors from the host for guests, by cgroups or systemd',
  },
  options: cpuIsolationOptions,
  async check({ host, options }) {
    const situation = await readSituation(host)
    const overview = await isolationFindings(host, situation)
    return options === undefined ? overview : [...overview, ...(await requestedFindings(host, options, situation))]
  },
  async apply({ host, options }) {
    const isolable = requireIsolable(host, options, await readSituation(host))
    const changes = await isolationChanges(host, isolable, options)
    return withLosses(host, changes, await touchedGroups(host, isolable, options))
  },
})

/** What will not come back belongs to the step that takes the processors: the last that restricts anything. */
async function withLosses(
  host: Host,
  changes: readonly Change[],
  touched: readonly string[],
): Promise<readonly Change[]> {
  const last = changes.at(-1)
  if (last === undefined) return []
  const release = (await host.readText('/proc/sys/kernel/osrelease')).value?.trim()
  const losses = await affinityLosses(host, release, touched)
  return losses.length === 0 ? changes : [...changes.slice(0, -1), { ...last, irreversible: losses }]
}
