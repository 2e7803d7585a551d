import type { EnrolledKey } from './actor.js'
import type { OperationalMode } from './mode.js'
import type { Playbook } from './playbook.js'
import type { Policy } from './policy.js'

/** A change of the rules that the agent works by. `from` is the digest of what is in force; another one makes the change stale. */
export type GovernanceChange =
  | { readonly subject: 'policy'; readonly from: string; readonly policy: Policy }
  | {
      readonly subject: 'settings'
      readonly from: string
      /** Settings by dotted key, as in the configuration: `security.allowed_tools`. */
      readonly set: Readonly<Record<string, unknown>>
    }
  | { readonly subject: 'sandbox-profile'; readonly from: string; readonly profile: Readonly<Record<string, unknown>> }
  | { readonly subject: 'key'; readonly operation: 'enrol'; readonly key: EnrolledKey }
  | { readonly subject: 'key'; readonly operation: 'revoke'; readonly keyId: string }
  | { readonly subject: 'playbook'; readonly operation: 'approve'; readonly playbook: Playbook }
  | { readonly subject: 'playbook'; readonly operation: 'revoke'; readonly playbookId: string }
  | { readonly subject: 'mode'; readonly from: OperationalMode; readonly to: OperationalMode }
