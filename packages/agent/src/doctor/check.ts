import { type ContributedCheckContext, createLiveHost, type Diagnostic } from '@janus/core'
import { diagnoseAgent } from './diagnose-agent.js'

/**
 * The check that this package adds to `janus doctor`.
 * @throws JANUS_AGENT_CONFIG_INVALID for a configuration that cannot be used
 */
export function check({ stateDirectory, uid }: ContributedCheckContext): Promise<readonly Diagnostic[]> {
  return diagnoseAgent({ host: createLiveHost(), janus: stateDirectory, env: process.env, uid })
}
