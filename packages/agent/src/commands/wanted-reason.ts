import { janusError } from '@janus/core'
import type { AgentCall } from './agent-command.js'

/** The reason that a command line gives. @throws JANUS_USAGE */
export function wantedReason(call: AgentCall): string {
  const reason = call.text('reason')
  if (reason === undefined || reason.trim() === '')
    throw janusError('JANUS_USAGE', '--reason is missing: whoever reads the record asks why')
  return reason
}
