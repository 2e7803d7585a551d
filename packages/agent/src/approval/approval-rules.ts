import type { Actor, EnrolledKey } from '../contract/actor.js'
import type { ProposalRecord } from '../contract/proposal.js'
import type { RiskLevel } from '../contract/risk.js'
import { agentError } from '../errors/agent-error.js'

/** Who may decide, how many must, and for how long a decision is waited for and good. */
export interface ApprovalRules {
  /** False: nobody can decide anything. */
  readonly enabled: boolean
  /** Numbers of the local users who may; undefined: all who reach the agent. Holders of keys may by the role of the key. */
  readonly approvers: ReadonlySet<number> | undefined
  /** How many different people must approve. */
  readonly quorum: Readonly<Record<RiskLevel, number>>
  /** Seconds until a proposal has waited too long. */
  readonly timeoutSeconds: number
  /** Reject it then. */
  readonly autoReject: boolean
  /** Seconds for which an approval is good. */
  readonly warrantSeconds: number
  /**
   * Number of the user the agent runs as: what a part of the agent proposed, that user does not approve without a key. Undefined: they may.
   */
  readonly agentUid: number | undefined
}

/**
 * Refuses whoever may not decide at all.
 * @throws JANUS_AGENT_IDENTITY_REFUSED; JANUS_AGENT_NOT_PERMITTED
 */
export function requireDecider(rules: ApprovalRules, by: Actor, keys: ReadonlyMap<string, EnrolledKey>): void {
  if (!rules.enabled) {
    throw agentError('JANUS_AGENT_NOT_PERMITTED', 'approval_workflow.enabled is false: nothing can be decided')
  }
  if (by.kind === 'user') {
    if (rules.approvers === undefined || rules.approvers.has(by.uid)) return
    throw refused(`the user ${by.name} (${by.uid}) is none of approval_workflow.approvers`)
  }
  if (by.kind === 'key') {
    const key = keys.get(by.keyId)
    if (key === undefined) throw refused(`the key ${by.keyId} is not enrolled`)
    if (key.roles.includes('approver') || key.roles.includes('first-citizen')) return
    throw refused(`the key ${by.keyId} of ${key.name} may not sign decisions`)
  }
  throw refused(`${by.name} is part of the agent, and decides nothing`)
}

/** How many people must approve a proposal. */
export function approvalsNeeded(rules: ApprovalRules, { proposal }: Pick<ProposalRecord, 'proposal'>): number {
  return Math.max(1, rules.quorum[proposal.risk.level])
}

/** How many approvals it has that still count: those of a key that was revoked do not. */
export function approvalsOf(
  { decisions }: Pick<ProposalRecord, 'decisions'>,
  keys: ReadonlyMap<string, EnrolledKey>,
): number {
  return decisions.filter(({ decision, by }) => decision === 'approve' && (by.kind !== 'key' || keys.has(by.keyId)))
    .length
}

function refused(problem: string): Error {
  return agentError('JANUS_AGENT_IDENTITY_REFUSED', problem)
}
