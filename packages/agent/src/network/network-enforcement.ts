import type { Enforcement } from '../contract/run.js'
import { visibleName } from '../review/visible-text.js'

const MOST_NAMED = 20

/** What holds the network of a run, for its record. @param domains of the run */
export function networkEnforcement(domains: readonly string[]): Enforcement {
  if (domains.length === 0) return { dimension: 'network', enforced: true, by: 'namespace', bound: 'none' }
  const named = domains.slice(0, MOST_NAMED).map(visibleName)
  const more = domains.length > MOST_NAMED ? ` and ${domains.length - MOST_NAMED} more` : ''
  return {
    dimension: 'network',
    enforced: true,
    by: 'proxy',
    bound: `only ${named.join(', ')}${more}, at addresses that were checked; what passes a CONNECT tunnel is not seen`,
  }
}
