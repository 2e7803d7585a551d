import { defineModule } from '@janus/core'
import { VERSION } from '../version.js'
import { installOptions } from './install-options.js'
import { isInstalled } from './is-installed.js'

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
    // Every `janus check` comes by here: what surveys a machine is read only where there is something to survey.
    const { checkInstallation } = await import('./check-installation.js')
    return checkInstallation(host, query, options)
  },

  async apply({ host, options, query }) {
    const { planInstallation } = await import('./plan-installation.js')
    return planInstallation(host, query, options)
  },
})
