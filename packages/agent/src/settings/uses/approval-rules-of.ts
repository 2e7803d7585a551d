import type { ApprovalRules } from '../../approval/approval-rules.js'
import type { AgentSettings } from '../agent-settings.js'

const HOUR = 3600

/**
 * Who may decide and for how long, by the settings.
 * @param ownUid number of the user that has the record open
 */
export function approvalRulesOf({ approval_workflow: workflow }: AgentSettings, ownUid: number): ApprovalRules {
  return {
    enabled: workflow.enabled,
    approvers: workflow.approvers === null ? undefined : new Set(workflow.approvers),
    quorum: { low: 1, medium: workflow.quorum.medium, high: workflow.quorum.high },
    timeoutSeconds: workflow.approval_timeout_hours * HOUR,
    autoReject: workflow.auto_reject_on_timeout,
    warrantSeconds: workflow.warrant_hours * HOUR,
    // Root decides everything on its machine anyway; a user of the agent's own approves nothing of it.
    agentUid: workflow.agent_uid ?? (ownUid === 0 ? undefined : ownUid),
  }
}
