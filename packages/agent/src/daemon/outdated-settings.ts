import { canonicalDigest } from '@janus/core/ledger'
import type { LocalAgent } from '../agent.js'
import type { AgentSettings } from '../settings/agent-settings.js'

/**
 * Looks whether the sandbox is still made as the settings say: an approved change of the rules puts others into effect while the daemon runs, and what is approved from then on counts on
 * them. Until the daemon is started again nothing is started.
 * @param made the settings that the sandbox and its network were made with
 * @returns why nothing may be started; undefined when something may
 */
export function outdatedSettings(agent: Pick<LocalAgent, 'governed'>, made: AgentSettings): () => string | undefined {
  const before = digestOf(made)
  let known: { readonly settings: AgentSettings; readonly because: string | undefined } | undefined
  return () => {
    const { settings = made } = agent.governed()
    if (known?.settings !== settings) {
      const isSame = digestOf(settings) === before
      const because = isSame ? undefined : 'the settings of the sandbox were changed since: start the daemon again'
      known = { settings, because }
    }
    return known.because
  }
}

function digestOf({ sandbox, security }: AgentSettings): string {
  return canonicalDigest({ sandbox, network: security.network, filesystem: security.filesystem })
}
