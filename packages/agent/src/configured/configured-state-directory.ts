import { loadSettings } from '../settings/load-settings.js'
import { agentStateDirectory } from '../settings/uses/agent-state-directory.js'

/**
 * The state directory of the agent of this machine, as it is configured.
 * @param janus state directory of Janus, absolute
 * @param config the configuration that was named; looked for in its usual places when left out
 * @throws what `loadSettings` throws
 */
export async function configuredStateDirectory(janus: string, config: string | undefined): Promise<string> {
  const { settings } = await loadSettings(config)
  return agentStateDirectory(settings, { janus, env: process.env })
}
