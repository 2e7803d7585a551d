import type { JsonValue } from '@janus/core'
import type { Playbook } from '../contract/playbook.js'
import { agentError } from '../errors/agent-error.js'

/**
 * A step of a playbook as a draft of a proposal: exactly what people approved, with what says so.
 * @param step its place in the sequence, from 0
 * @throws JANUS_AGENT_PLAYBOOK_INVALID when there is no such step
 */
export function stepDraft({ playbookId, name, description, actionSequence }: Playbook, step: number): JsonValue {
  const { tool, args } = actionSequence[step] ?? {}
  if (tool === undefined || args === undefined) {
    throw agentError('JANUS_AGENT_PLAYBOOK_INVALID', `the playbook ${playbookId} has no step ${step + 1}`)
  }
  return {
    mission_context: `Playbook ${name}`,
    action_type: 'playbook_step',
    rationale: `Step ${step + 1} of ${actionSequence.length} of the playbook ${playbookId}: ${description}`,
    expected_outcome: 'The step ends without an error',
    risk_level: 'low',
    risk_mitigation: 'People approved the playbook and signed for it',
    rollback_plan: 'A step has none: the first step that fails ends the playbook',
    rollback: null,
    tool_name: tool,
    tool_args: [...args],
    metadata: { playbook_step: step + 1 },
  }
}
