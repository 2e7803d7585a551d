import type { Action } from '../contract/action.js'
import type { ProposalContent } from '../contract/proposal.js'
import { type ComputedRisk, RISK_LEVELS, type RiskReason } from '../contract/risk.js'
import type { ToolEntry } from '../contract/tool-entry.js'
import { planRisk } from './plan-risk.js'
import { toolRisk } from './tool-risk.js'

/** Action types that are of high risk whatever they do. */
export const HIGH_RISK_TYPES: ReadonlySet<string> = new Set(['system_config', 'network_config', 'security_change'])

/**
 * The risk of a proposal, computed: the most that its type, its action or its rollback say. What its author declares can raise it and never lower it; no text of
 * the author's is looked at.
 * @param tool tools as they are configured
 */
export function computeRisk(
  {
    declaredRisk,
    actionType,
    action,
    rollback,
  }: Pick<ProposalContent, 'declaredRisk' | 'actionType' | 'action' | 'rollback'>,
  tool: (name: string) => ToolEntry | undefined,
): ComputedRisk {
  const reasons: readonly RiskReason[] = [
    { level: declaredRisk, rule: 'declared', because: `its author declares it ${declaredRisk}` },
    ...(HIGH_RISK_TYPES.has(actionType)
      ? [{ level: 'high', rule: 'action-type', because: `${actionType} is of high risk by its kind` } as const]
      : []),
    ...reasonsOf(action, tool),
    ...(rollback === null
      ? []
      : reasonsOf(rollback, tool).map(({ level, rule, because }) => ({
          level,
          rule,
          because: `its rollback: ${because}`,
        }))),
  ]
  const sorted = reasons.toSorted((one, other) => rank(other) - rank(one))
  return { level: sorted[0]?.level ?? 'high', reasons: sorted }
}

function reasonsOf(action: Action, tool: (name: string) => ToolEntry | undefined): readonly RiskReason[] {
  switch (action.kind) {
    case 'tool':
      return toolRisk(action, tool(action.tool))
    case 'module':
      return planRisk(action.plan)
    case 'governance':
      return [{ level: 'high', rule: 'governance', because: `it changes the rules: ${action.change.subject}` }]
  }
}

function rank({ level }: RiskReason): number {
  return RISK_LEVELS.indexOf(level)
}
