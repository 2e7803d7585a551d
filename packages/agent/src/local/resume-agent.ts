import { requireDecider } from '../approval/approval-rules.js'
import type { Caller, ResumeRequest } from '../contract/agent.js'
import { agentError } from '../errors/agent-error.js'
import type { AgentEvent } from '../record/agent-event.js'
import { commitOrRefuse } from '../record/commit-or-refuse.js'
import { lowerStopFiles } from '../stop/lower-stop-files.js'
import { stopFiles } from '../stop/stop-files.js'
import type { LocalAgentContext } from './local-agent-context.js'

/**
 * Lifts a stop, by a person: first on the record, with the mode back in alpha, then in the files. What a crash leaves between the two still stands still.
 * @throws JANUS_AGENT_IDENTITY_REFUSED; JANUS_AGENT_TRANSITION_ILLEGAL when nothing stands; JANUS_AGENT_STOPPED in the process that was stopped
 */
export async function resumeAgent(
  context: LocalAgentContext,
  { reason }: ResumeRequest,
  { actor, owner }: Caller,
): Promise<void> {
  const { emergency, local, rules, stateDirectory } = context
  const { record } = local
  await commitOrRefuse(record, { by: actor }, (state) => {
    if (!owner) requireDecider(rules, actor, state.keys)
    const because = emergency.standing()
    if (because === undefined)
      throw agentError('JANUS_AGENT_TRANSITION_ILLEGAL', 'nothing was stopped', {
        remedy: 'See what the agent may do: `janus agent status`.',
      })
    if (emergency.signal.aborted)
      throw agentError('JANUS_AGENT_STOPPED', 'the process that was stopped is still ending', {
        remedy: 'Lift it when that has ended, then start the daemon again.',
      })
    const lifted: AgentEvent = { type: 'emergency-lifted', payload: { by: actor, because: reason } }
    return { events: [lifted, ...backInAlpha(state.mode.mode, reason, actor)], answer: undefined }
  })
  const stamp = record.clock.now().toISOString().replaceAll(':', '')
  await lowerStopFiles(stopFiles(stateDirectory, context.stopFile), stamp)
}

function backInAlpha(from: string, reason: string, by: Caller['actor']): readonly AgentEvent[] {
  if (from === 'alpha') return []
  const payload = { from, to: 'alpha', by, because: `everything was stopped, and resumed: ${reason}`, evidence: null }
  return [{ type: 'mode-changed', payload } as AgentEvent]
}
