import type { Finding, Host, Query } from '@janus/core'
import { installFindings, refusalFinding } from './install-findings.js'
import { type InstallOptions, installOptions } from './install-options.js'
import { surveyInstallation } from './survey.js'

/** What there is of an installation; what is in the way of one is a finding too. @param options left out: as they are by default */
export async function checkInstallation(
  host: Host,
  query: Query,
  options: InstallOptions = installOptions.parse({}),
): Promise<readonly Finding[]> {
  try {
    return await installFindings(await surveyInstallation(host, query, options))
  } catch (error) {
    return [refusalFinding(error)]
  }
}
