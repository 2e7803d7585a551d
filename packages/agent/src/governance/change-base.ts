import { canonicalDigest } from '@janus/core/ledger'
import type { GovernanceChange } from '../contract/governance.js'
import type { AgentState } from '../record/agent-state.js'

/** What is in force, as far as changes of the rules rest on it. */
export interface RulesInForce {
  /** Digest of the policy. */
  readonly policy: string
  /** Digest of the sandbox profile. */
  readonly sandboxProfile: string
  /** The value of a setting by its dotted key. */
  setting(key: string): unknown
}

/** The digest over the settings that a change names, as they are. */
export function settingsDigest(keys: Iterable<string>, setting: RulesInForce['setting']): string {
  return canonicalDigest(Object.fromEntries([...keys].sort().map((key) => [key, setting(key) ?? null])))
}

/**
 * Why a change does not rest on what is in force any more: somebody changed that in between.
 * @returns undefined when it still does
 */
export function movedBase(change: GovernanceChange, state: AgentState, inForce: RulesInForce): string | undefined {
  switch (change.subject) {
    case 'policy':
      return change.from === inForce.policy ? undefined : 'the policy is another one than it was written for'
    case 'settings':
      return change.from === settingsDigest(Object.keys(change.set), inForce.setting)
        ? undefined
        : 'the settings are others than it was written for'
    case 'sandbox-profile':
      return change.from === inForce.sandboxProfile ? undefined : 'the sandbox profile is another one'
    case 'mode':
      return change.from === state.mode.mode ? undefined : `the mode is ${state.mode.mode}`
    case 'key':
      if (change.operation === 'enrol')
        return state.keys.has(change.key.keyId) ? 'the key is enrolled already' : undefined
      return state.keys.has(change.keyId) ? undefined : 'the key is not enrolled'
    case 'playbook':
      if (change.operation === 'approve') return undefined
      return state.playbooks.has(change.playbookId) ? undefined : 'the playbook is not approved'
  }
}
