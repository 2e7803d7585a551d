import type { JsonValue } from '@janus/core'
import { canonicalDigest } from '@janus/core/ledger'
import type { Actor, Signature } from '../contract/actor.js'
import type { GovernanceChange } from '../contract/governance.js'
import { playbookDigestOf } from '../playbook/parse-playbooks.js'
import type { AgentEvent } from '../record/agent-event.js'
import type { AgentState } from '../record/agent-state.js'

/** What is recorded when a change of the rules takes effect. */
export function changeEvents(
  change: GovernanceChange,
  state: AgentState,
  {
    by,
    at,
    because,
    signatures,
  }: {
    readonly by: Actor
    readonly at: string
    readonly because: string
    /** Of the decisions that approved it. */
    readonly signatures: readonly Signature[]
  },
): readonly AgentEvent[] {
  switch (change.subject) {
    case 'policy':
      return [
        { type: 'policy-adopted', payload: { policy: change.policy, digest: canonicalDigest(change.policy), by } },
      ]
    case 'settings':
      return [{ type: 'settings-adopted', payload: { set: change.set as Readonly<Record<string, JsonValue>>, by } }]
    case 'sandbox-profile':
      return [{ type: 'sandbox-profile-adopted', payload: { digest: canonicalDigest(change.profile), by } }]
    case 'key':
      return change.operation === 'enrol'
        ? [{ type: 'key-enrolled', payload: { key: change.key, by } }]
        : [{ type: 'key-revoked', payload: { keyId: change.keyId, by, because } }]
    case 'playbook': {
      if (change.operation === 'revoke')
        return [{ type: 'playbook-revoked', payload: { playbookId: change.playbookId, by, because } }]
      const { playbook } = change
      const approved = { playbook, digest: playbookDigestOf(playbook), signatures, approvedAt: at }
      return [{ type: 'playbook-approved', payload: { approved, by } }]
    }
    case 'mode':
      return [{ type: 'mode-changed', payload: { from: state.mode.mode, to: change.to, by, because, evidence: null } }]
  }
}
