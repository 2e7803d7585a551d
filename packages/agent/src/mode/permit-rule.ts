import type { EffectivePermission } from '../contract/mode.js'
import type { ProposalRecord } from '../contract/proposal.js'
import { agentError } from '../errors/agent-error.js'
import type { AgentState } from '../record/agent-state.js'
import type { AgentSettings } from '../settings/agent-settings.js'

/** What stands between a proposal and an approval without a person; empty when nothing does. */
export function obstaclesToRule(
  { proposal, status }: Pick<ProposalRecord, 'proposal' | 'status'>,
  state: AgentState,
  permission: EffectivePermission,
  settings: Pick<AgentSettings, 'auto_executor'>,
): readonly string[] {
  const { content, risk } = proposal
  const { action } = content
  const common = [
    ...(status === 'proposed' ? [] : [`it is ${status}`]),
    ...(risk.level === 'high' ? ['its risk is high: that is always decided by a person'] : []),
    ...(action.kind === 'governance' ? ['it changes the rules'] : []),
    ...(action.kind === 'tool' && action.network.length > 0 ? ['it needs the network'] : []),
  ]
  if (common.length > 0) return common
  const playbook = content.metadata.playbook_id
  if (typeof playbook === 'string') {
    const known = state.playbooks.has(playbook) ? [] : [`the playbook ${playbook} is not approved`]
    return [...known, ...(permission.runPlaybooks ? [] : ['playbooks may not run now'])]
  }
  const listed = obstaclesToList(proposal, permission, settings)
  if (listed.length === 0 || !permission.runNovel) return listed
  return content.action.kind === 'tool' && risk.level === 'medium' && content.rollback === null
    ? ['its risk is medium, and nothing undoes it']
    : []
}

/**
 * Refuses what may not be approved without a person.
 * @throws JANUS_AGENT_NOT_PERMITTED with every obstacle
 */
export function requireRule(...asked: Parameters<typeof obstaclesToRule>): void {
  const obstacles = obstaclesToRule(...asked)
  if (obstacles.length === 0) return
  throw agentError('JANUS_AGENT_NOT_PERMITTED', `no rule may approve this: ${obstacles.join('; ')}`, {
    data: { obstacles },
  })
}

function obstaclesToList(
  { content, risk }: ProposalRecord['proposal'],
  permission: EffectivePermission,
  { auto_executor: auto }: Pick<AgentSettings, 'auto_executor'>,
): readonly string[] {
  const { action, actionType } = content
  const tool = action.kind === 'tool' ? action.tool : undefined
  return [
    ...(permission.approveListed ? [] : ['nothing may be approved by a rule now']),
    // The configured ceiling can only be lower than low, which does not exist: medium and high are for people.
    ...(risk.level === 'low' ? [] : [`its risk is ${risk.level}, and a list approves low risk only`]),
    ...(tool !== undefined && auto.allowed_tools.includes(tool)
      ? []
      : [`${tool ?? action.kind} is not in auto_executor.allowed_tools`]),
    ...(auto.allowed_action_types.includes(actionType)
      ? []
      : [`${actionType} is not in auto_executor.allowed_action_types`]),
  ]
}
