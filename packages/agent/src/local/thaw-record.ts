import { recoverExecutions } from '../approval/recover-executions.js'
import type { Caller, ThawRequest } from '../contract/agent.js'
import { agentError } from '../errors/agent-error.js'
import type { AgentEvent } from '../record/agent-event.js'
import { commitOrRefuse } from '../record/commit-or-refuse.js'
import { writeHighWaterMark } from '../record/high-water-mark.js'
import type { LocalAgentContext } from './local-agent-context.js'

/**
 * Accepts a record that was copied here or put back from a backup: from now on it lies here. Whatever was approved in it may have run already, where it
 * came from, so all of that goes stale.
 * @throws JANUS_AGENT_TRANSITION_ILLEGAL when it is not frozen; JANUS_AGENT_IDENTITY_REFUSED for anybody but root and its owner
 */
export async function thawRecord(
  context: LocalAgentContext,
  { reason }: ThawRequest,
  { actor, owner }: Caller,
): Promise<void> {
  const { record, anchor, markPath } = context.local
  await commitOrRefuse(record, { by: actor }, (state) => {
    const frozen = context.frozen()
    if (frozen === undefined) throw agentError('JANUS_AGENT_TRANSITION_ILLEGAL', 'the record is not frozen')
    if (!owner) throw agentError('JANUS_AGENT_IDENTITY_REFUSED', 'only root and the owner of the record may thaw it')
    const text = `the record was thawed: ${reason}`
    const stale = [...state.open.values()]
      .filter(({ status }) => status === 'approved')
      .map(
        ({ proposal, revision }): AgentEvent => ({
          type: 'proposal-moved',
          payload: {
            proposal: proposal.id,
            revision,
            from: 'approved',
            to: 'stale',
            by: actor,
            reason: { code: 'JANUS_AGENT_FROZEN', text },
          },
        }),
      )
    const anchored: AgentEvent = {
      type: 'record-anchored',
      payload: { anchor, by: actor, because: `${frozen}: ${reason}` },
    }
    return { events: [...stale, anchored], answer: undefined }
  })
  await recoverExecutions(record)
  await writeHighWaterMark(markPath, record)
  context.thawed()
}
