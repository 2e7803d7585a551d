import type { AgentSettings } from '../agent-settings.js'

const OWNER_ONLY = 0o600
const OWNER_AND_GROUP = 0o660

/** How proposals reach people, and people the agent. */
export interface Desk {
  /** Proposals that wait at most. */
  readonly mostPending: number
  /** Days until an approved change of the rules takes effect. */
  readonly reviewDays: number
  /** Permission bits of the control socket. */
  readonly socketMode: number
  /** Absolute path of the program that tells people of proposals; undefined: nobody is told. */
  readonly notificationScript: string | undefined
}

/** The desk, by the settings. Who may decide at it is told by `approvalRulesOf`. */
export function deskOf({ approval_workflow: workflow, security }: AgentSettings): Desk {
  return {
    mostPending: workflow.max_pending,
    reviewDays: security.minimum_review_days,
    socketMode: workflow.socket_group ? OWNER_AND_GROUP : OWNER_ONLY,
    notificationScript: workflow.notification_enabled ? workflow.notification_script : undefined,
  }
}
