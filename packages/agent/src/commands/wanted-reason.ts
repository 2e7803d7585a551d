import { janusError } from '@janus/core'
import type { AgentCall, AgentCommand } from './agent-command.js'

/** The option that {@link wantedReason} reads. */
export const REASON = {
  reason: { type: 'string', value: '<text>', summary: 'why; it stands on the record' },
} as const satisfies AgentCommand['options']

/** The reason that a command line gives. @throws JANUS_USAGE */
export function wantedReason(call: AgentCall): string {
  const reason = call.text('reason')
  if (reason === undefined || reason.trim() === '')
    throw janusError('JANUS_USAGE', '--reason is missing: whoever reads the record asks why')
  return reason
}
