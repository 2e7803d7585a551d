import { join } from 'node:path'
import type { Environment } from '@janus/core/state'
import type { AgentSettings } from '../agent-settings.js'

/**
 * Where the record and the control socket of an agent lie: below the state directory of Janus where the environment names one or nobody says otherwise, else
 * where the settings say. So whoever reads the same configuration reaches the same agent, whichever user it runs as.
 * @param where.janus state directory of Janus, absolute
 */
export function agentStateDirectory(
  { state_directory: named }: Pick<AgentSettings, 'state_directory'>,
  where: { readonly janus: string; readonly env: Environment },
): string {
  const isToldOtherwise = (where.env.JANUS_STATE_DIR ?? '') !== ''
  return named === null || isToldOtherwise ? join(where.janus, 'agent') : named
}
