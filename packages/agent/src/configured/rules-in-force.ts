import { canonicalDigest } from '@janus/core/ledger'
import type { PolicyInForce } from '../contract/agent.js'
import type { RulesInForce } from '../governance/change-base.js'
import { defaultPolicy } from '../policy/default-policy.js'
import { policyInForce } from '../policy/evaluate-policy.js'
import type { AgentState } from '../record/agent-state.js'
import { type EffectiveSettings, effectiveSettings } from '../settings/effective-settings.js'
import type { LoadedSettings } from '../settings/load-settings.js'
import { settingAt } from '../settings/settings-table.js'

/** Everything that governs an agent: its configuration, held against its record. */
export interface ConfiguredRules extends RulesInForce {
  readonly effective: EffectiveSettings
  readonly policyInForce: PolicyInForce
}

/** What is in force, as the record stands. */
export function rulesInForce(loaded: LoadedSettings, state: AgentState): ConfiguredRules {
  const effective = effectiveSettings(loaded, state.settings, state.mode.mode)
  const policy = state.policy ?? policyInForce(defaultPolicy(effective.settings))
  return {
    effective,
    policyInForce: policy,
    policy: policy.digest,
    sandboxProfile: state.sandboxProfile ?? canonicalDigest(effective.settings.sandbox),
    setting: (key) => settingAt(effective.settings, key),
  }
}
