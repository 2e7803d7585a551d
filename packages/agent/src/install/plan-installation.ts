import type { Change, Host, Query } from '@janus/core'
import { changesOfSteps, installSteps } from './install-changes.js'
import type { InstallOptions } from './install-options.js'
import { surveyInstallation } from './survey.js'

/**
 * The changes that install the agent as it is wanted; none when it is.
 * @throws what `surveyInstallation` and `installSteps` throw
 */
export async function planInstallation(host: Host, query: Query, options: InstallOptions): Promise<readonly Change[]> {
  return changesOfSteps(await installSteps(await surveyInstallation(host, query, options)))
}
