import type { ProposalRecord } from '../contract/proposal.js'
import { agentError } from '../errors/agent-error.js'
import type { AgentRecord } from '../record/agent-record.js'
import { type NotificationScript, notifyApprovers } from './notify-approvers.js'

/**
 * Tells people of what no person approved and what changes something, before it starts: they can still stop it. To be awaited before the warrant is used up.
 * @param proposal what nobody knows, or is not approved, is left to whoever uses up the warrant
 * @throws JANUS_AGENT_NOT_PERMITTED when people cannot be told: then it does not start
 */
export async function tellBeforeStart(
  record: AgentRecord,
  proposal: string,
  script: NotificationScript | undefined,
): Promise<void> {
  const open = record.state.open.get(proposal)
  if (open === undefined || open.status !== 'approved' || !isToldOf(open)) return
  if (script !== undefined && (await notifyApprovers(record, open.proposal, script))) return
  const why = script === undefined ? 'no notification is configured' : `${script.path} failed`
  throw agentError(
    'JANUS_AGENT_NOT_PERMITTED',
    `${proposal} changes something and was approved by no person: it starts only once people were told, and ${why}`,
    {
      remedy:
        'Set approval_workflow.notification_enabled and approval_workflow.notification_script, and try the script by hand.',
      data: { proposal },
    },
  )
}

/** A step of a playbook was approved by people, with its playbook. Low risk is what only reads, or writes into its workspace. */
function isToldOf({ decisions, proposal: { risk, content } }: ProposalRecord): boolean {
  const approved = decisions.some(({ decision, by }) => decision === 'approve' && by.kind !== 'system')
  return !approved && risk.level !== 'low' && typeof content.metadata.playbook_id !== 'string'
}
