import { nameOf } from '../../approval/already-decided.js'
import type { DecisionAnswer } from '../../contract/agent.js'
import { visibleLine } from '../../review/visible-text.js'

/** What became of a decision, in one line. */
export function decidedLine({
  proposal,
  status,
  decision,
  approvals,
  approvalsNeeded,
  expires,
}: DecisionAnswer): string {
  const who = visibleLine(nameOf(decision.by))
  if (decision.decision === 'reject') return `${proposal} is ${status}, by ${who}`
  if (status === 'proposed') return `${proposal} has ${approvals} of ${approvalsNeeded} approvals, the last by ${who}`
  return `${proposal} is ${status}, by ${who}${expires === undefined ? '' : `; it may run once until ${expires}`}`
}
