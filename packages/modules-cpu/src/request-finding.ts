import { type Finding, type Host, isJanusError } from '@janus/core'

/**
 * Asks what an apply would ask, and says so as a finding: what the host refuses is critical, what a captured host does
 * not show is skipped.
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
    const status = error.code === 'JANUS_HOST_UNREADABLE' && host.kind !== 'live' ? 'skipped' : 'critical'
    return { id, status, summary: error.message, remedy: error.remedy }
  }
}
