import { defineModule } from '@janus/core'
import { VERSION } from '../version.js'
import { changesOfSteps, installSteps } from './install-changes.js'
import { installFindings, refusalFinding } from './install-findings.js'
import { installOptions } from './install-options.js'
import { isInstalled } from './service.js'
import { surveyInstallation } from './survey.js'

/** Installs the agent as a service: user, directories, configuration, units, and the profile that AppArmor wants. */
export const agentInstall = defineModule({
  metadata: {
    type: 'agent',
    id: 'agent-install',
    version: VERSION,
    compatApi: 1,
    summary: 'Installs the agent as a service of systemd, and takes it away again',
  },
  options: installOptions,

  async check({ host, options, query }) {
    if (options === undefined && !(await isInstalled(host))) {
      const summary = 'the agent is not installed as a service here'
      return [{ id: 'install-verification', status: 'skipped', summary, remedy: 'janus agent install' }]
    }
    try {
      return await installFindings(await surveyInstallation(host, query, options ?? installOptions.parse({})))
    } catch (error) {
      return [refusalFinding(error)]
    }
  },

  async apply({ host, options, query }) {
    return changesOfSteps(await installSteps(await surveyInstallation(host, query, options)))
  },
})
