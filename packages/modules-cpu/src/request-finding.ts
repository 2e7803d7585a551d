import { type Finding, type Host, isJanusError, type JanusError } from '@janus/core'

/**
 * Asks what an apply would ask, and says so as a finding: what the host refuses is critical, what it lacks is skipped.
 * @param judge says what can be done; throws what apply would throw
 */
export async function requestFinding(
  host: Host,
  id: string,
  judge: () => Promise<Omit<Finding, 'id'>>,
): Promise<Finding> {
  try {
    return { id, ...(await judge()) }
  } catch (error) {
    if (!isJanusError(error)) throw error
    const { message, remedy } = error
    const { path } = error.data
    const evidence = typeof path === 'string' ? { evidence: [{ path }] } : {}
    return { id, status: refusalStatus(host, error), summary: message, remedy, ...evidence }
  }
}

/**
 * What a check makes of a refusal: a host without the feature has nothing to be checked, and a captured one does not show
 * everything; what the host has and refuses is critical.
 */
export function refusalStatus(host: Host, { code }: JanusError): 'skipped' | 'critical' {
  const isUnknown = code === 'JANUS_HOST_UNREADABLE' && host.kind !== 'live'
  return isUnknown || code === 'JANUS_HOST_LACKS_FEATURE' ? 'skipped' : 'critical'
}
