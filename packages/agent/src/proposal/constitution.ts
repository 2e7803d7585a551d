import type { ComputedRisk } from '../contract/risk.js'
import { agentError } from '../errors/agent-error.js'
import { HIGH_RISK_TYPES } from '../risk/compute-risk.js'
import type { ParsedDraft } from './proposal-draft.js'

const LEAST_RATIONALE = 20
const LEAST_ROLLBACK_PLAN = 10

/**
 * Holds a draft to the constitution, before anybody reviews it.
 * @throws JANUS_AGENT_PROPOSAL_INVALID with the `rule` in its data: `rationale`, `mission-context`, `risk-class`, `rollback-plan`, `rollback`
 */
export function requireConstitutional(draft: ParsedDraft, risk: ComputedRisk): void {
  const { rationale, missionContext, actionType, declaredRisk, rollbackPlan, action, saysRollback } = draft
  if (charactersOf(rationale) < LEAST_RATIONALE)
    throw breach('rationale', `the rationale has fewer than ${LEAST_RATIONALE} characters`)
  const context = missionContext.trim().toLowerCase()
  if (context === '' || context === 'unknown') throw breach('mission-context', 'the mission context is missing')
  if (HIGH_RISK_TYPES.has(actionType) && declaredRisk !== 'high')
    throw breach('risk-class', `${actionType} is of high risk, and is declared ${declaredRisk}`)
  if (risk.level === 'low') return
  if (charactersOf(rollbackPlan) < LEAST_ROLLBACK_PLAN) {
    throw breach(
      'rollback-plan',
      `the risk is ${risk.level}, and the rollback plan has fewer than ${LEAST_ROLLBACK_PLAN} characters`,
    )
  }
  if (action.kind === 'tool' && !saysRollback) {
    throw breach(
      'rollback',
      `the risk is ${risk.level}, and nothing says what a failure runs: give a rollback, or null when there is nothing to undo`,
    )
  }
}

/** As a person counts them, white space around left out. */
function charactersOf(text: string): number {
  return [...text.trim()].length
}

function breach(rule: string, problem: string): Error {
  return agentError('JANUS_AGENT_PROPOSAL_INVALID', problem, { data: { rule } })
}
