import { canonicalDigest } from '@janus/core/ledger'
import type { AgentSettings } from '../settings/agent-settings.js'

/**
 * Looks whether the sandbox is still made as the settings say: an approved change of the rules puts others into effect while the daemon runs, and what is approved from then on counts on
 * them. Until the daemon is started again nothing may be run.
 * @param made the settings that the sandbox and its network were made with
 * @returns says of the settings in force why nothing may be run; undefined when something may
 */
export function outdatedSettings(made: AgentSettings): (settings: AgentSettings) => string | undefined {
  const before = digestOf(made)
  let known: { readonly settings: AgentSettings; readonly isSame: boolean } = { settings: made, isSame: true }
  return (settings) => {
    if (known.settings !== settings) known = { settings, isSame: digestOf(settings) === before }
    return known.isSame
      ? undefined
      : 'the settings of the sandbox were changed since it was made: start the daemon again'
  }
}

function digestOf({ sandbox, security }: AgentSettings): string {
  return canonicalDigest({ sandbox, network: security.network, filesystem: security.filesystem })
}
