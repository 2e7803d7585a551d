import { canonicalJson } from '@janus/core/ledger'
import type { EffectivePermission } from '../contract/mode.js'
import type { PlaybookStep } from '../contract/playbook.js'
import type { ProposalContent, ProposalRecord } from '../contract/proposal.js'
import { RISK_LEVELS, type RiskLevel } from '../contract/risk.js'
import type { ToolManifest } from '../contract/tool.js'
import type { ToolEntry } from '../contract/tool-entry.js'
import { agentError } from '../errors/agent-error.js'
import type { AgentState } from '../record/agent-state.js'
import { computeRisk } from '../risk/compute-risk.js'
import { usesNetwork } from '../risk/uses-network.js'
import type { AgentSettings } from '../settings/agent-settings.js'

/** What stands between a proposal and an approval without a person; empty when nothing does. */
export function obstaclesToRule(
  { proposal, status }: Pick<ProposalRecord, 'proposal' | 'status'>,
  state: AgentState,
  permission: EffectivePermission,
  settings: Pick<AgentSettings, 'auto_executor'>,
  tool: (name: string) => ToolEntry | undefined,
): readonly string[] {
  const { content } = proposal
  const { action } = content
  // What is configured may have changed since it was proposed: the risk is computed again, and is never less than it was.
  const risk = greaterRisk(proposal.risk.level, computeRisk(content, tool).level)
  const common = [
    ...(status === 'proposed' ? [] : [`it is ${status}`]),
    ...(risk === 'high' ? ['its risk is high: that is always decided by a person'] : []),
    ...(action.kind === 'governance' ? ['it changes the rules'] : []),
    ...(usesNetwork(action) || usesNetwork(content.rollback) ? ['it needs the network'] : []),
  ]
  if (common.length > 0) return common
  const playbook = content.metadata.playbook_id
  if (typeof playbook === 'string') {
    return [
      ...obstaclesToStep(playbook, content, state),
      ...(permission.runPlaybooks ? [] : ['playbooks may not run now']),
    ]
  }
  const listed = obstaclesToList({ content, risk }, permission, settings, tool)
  if (listed.length === 0 || !permission.runNovel) return listed
  return content.action.kind === 'tool' && risk === 'medium' && content.rollback === null
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

/** A step is what the playbook says, to the last argument: it may have been replaced since the step was proposed. */
function obstaclesToStep(
  id: string,
  { action, rollback }: ProposalContent,
  { playbooks }: AgentState,
): readonly string[] {
  const approved = playbooks.get(id)
  if (approved === undefined) return [`the playbook ${id} is not approved`]
  const wanted = (step: PlaybookStep): string => canonicalJson({ tool: step.tool, args: step.args })
  const isStep =
    action.kind === 'tool' &&
    rollback === null &&
    Object.keys(action.kwargs).length === 0 &&
    approved.playbook.actionSequence.some((step) => wanted(step) === wanted(action))
  return isStep ? [] : [`it is no step of the playbook ${id}`]
}

function obstaclesToList(
  { content, risk }: { readonly content: ProposalContent; readonly risk: RiskLevel },
  permission: EffectivePermission,
  { auto_executor: auto }: Pick<AgentSettings, 'auto_executor'>,
  find: (name: string) => ToolEntry | undefined,
): readonly string[] {
  const { action, actionType, rollback } = content
  const tool = action.kind === 'tool' ? action.tool : undefined
  const tools = [...new Set([tool, rollback?.tool])].filter((name) => name !== undefined)
  return [
    ...(permission.approveListed ? [] : ['nothing may be approved by a rule now']),
    // The configured ceiling can only be lower than low, which does not exist: medium and high are for people.
    ...(risk === 'low' ? [] : [`its risk is ${risk}, and a list approves low risk only`]),
    ...(tool !== undefined && auto.allowed_tools.includes(tool)
      ? []
      : [`${tool ?? action.kind} is not in auto_executor.allowed_tools`]),
    ...(rollback === null || auto.allowed_tools.includes(rollback.tool)
      ? []
      : [`its rollback runs ${rollback.tool}, which is not in auto_executor.allowed_tools`]),
    ...(auto.allowed_action_types.includes(actionType)
      ? []
      : [`${actionType} is not in auto_executor.allowed_action_types`]),
    ...tools.flatMap((name) => obstaclesToTool(name, find(name)?.manifest)),
  ]
}

/** What a tool is declared to be: without a person only what can be done again, stays inside its workspace and can be undone. */
function obstaclesToTool(name: string, manifest: ToolManifest | undefined): readonly string[] {
  if (manifest === undefined) return [`${name} is not declared`]
  const { idempotent, sideEffects, reversible, writes } = manifest
  return [
    ...(idempotent ? [] : [`${name} is not declared idempotent`]),
    ...(sideEffects === 'outside' ? [`${name} is declared to have side effects outside of its workspace`] : []),
    // What writes nothing leaves nothing to be undone.
    ...(reversible || !writes ? [] : [`${name} is not declared reversible`]),
  ]
}

function greaterRisk(one: RiskLevel, other: RiskLevel): RiskLevel {
  return RISK_LEVELS.indexOf(one) > RISK_LEVELS.indexOf(other) ? one : other
}
