import { canonicalJson } from '@janus/core/ledger'
import type { GovernanceChange } from '../contract/governance.js'
import { OPERATIONAL_MODES } from '../contract/mode.js'
import type { Policy } from '../contract/policy.js'
import { strictnessOf } from '../settings/compare-settings.js'
import { settingsTable } from '../settings/settings-table.js'
import type { RulesInForce } from './change-base.js'

/**
 * True for a change that provably permits nothing that was not permitted before: it needs no review time. What cannot be told is not stricter.
 * @param policy in force
 */
export function isStricter(change: GovernanceChange, policy: Policy, inForce: RulesInForce): boolean {
  switch (change.subject) {
    case 'policy':
      return permitsLess(change.policy, policy)
    case 'settings': {
      const table = new Map(settingsTable().map((row) => [row.key, row]))
      return Object.entries(change.set).every(([key, value]) => {
        const strict = table.get(key)?.strict
        return strict !== undefined && strictnessOf(strict, inForce.setting(key), value) !== 'looser'
      })
    }
    case 'playbook':
      return change.operation === 'revoke'
    // A key whose end makes everything stricter is revoked without a proposal.
    case 'key':
      return false
    case 'mode':
      return OPERATIONAL_MODES.indexOf(change.to) < OPERATIONAL_MODES.indexOf(change.from)
    case 'sandbox-profile':
      return false
  }
}

/** Every rule that allows was there before, and every rule that denied still is: rules are compared by all that they say. */
function permitsLess(wanted: Policy, inForce: Policy): boolean {
  const spelled = (policy: Policy, effect: 'allow' | 'deny'): ReadonlySet<string> =>
    new Set(policy.rules.filter((rule) => rule.effect === effect).map(({ when }) => canonicalJson(when)))
  const allowed = spelled(inForce, 'allow')
  const denies = spelled(wanted, 'deny')
  return (
    [...spelled(wanted, 'allow')].every((rule) => allowed.has(rule)) &&
    [...spelled(inForce, 'deny')].every((rule) => denies.has(rule))
  )
}
