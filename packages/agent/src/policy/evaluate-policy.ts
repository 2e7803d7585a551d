import { canonicalDigest } from '@janus/core/ledger'
import type { PolicyInForce } from '../contract/agent.js'
import type { Policy, PolicyConsideration, PolicyVerdict } from '../contract/policy.js'
import { failedCondition } from './failed-condition.js'
import type { PolicyInput } from './policy-input.js'

/** Adds the digest to a policy. */
export function policyInForce(policy: Policy): PolicyInForce {
  return { policy, digest: canonicalDigest(policy) }
}

/**
 * Asks a policy about an action and what a failure of it runs: what no rule allows is denied, and one rule that denies beats all that allow.
 * @returns the verdict, with how every rule fared
 */
export function evaluatePolicy(inForce: PolicyInForce, input: PolicyInput): PolicyVerdict {
  const verdict = evaluateAction(inForce, input)
  if (input.rollback === undefined) return verdict
  const rollback = evaluateAction(inForce, input.rollback)
  if (rollback.allowed || !verdict.allowed) return { ...verdict, rollback }
  const { rule: _, ...denied } = verdict
  return { ...denied, allowed: false, ...(rollback.rule === undefined ? {} : { rule: rollback.rule }), rollback }
}

function evaluateAction({ policy, digest }: PolicyInForce, input: PolicyInput): PolicyVerdict {
  const considered = policy.rules.map(({ id, effect, when }): PolicyConsideration => {
    const failed = failedCondition({ effect, when }, input)
    return { rule: id, effect, matched: failed === undefined, ...(failed === undefined ? {} : { failed }) }
  })
  const matched = considered.filter((one) => one.matched)
  const decided = matched.find(({ effect }) => effect === 'deny') ?? matched[0]
  return {
    allowed: decided?.effect === 'allow',
    policy: digest,
    ...(decided === undefined ? {} : { rule: decided.rule }),
    considered,
  }
}

/** What another policy would say, beside the one that decides: told, never enforced. */
export interface ShadowVerdict {
  readonly verdict: PolicyVerdict
  readonly shadow: PolicyVerdict
  readonly differs: boolean
}

/** Asks two policies; the first decides, the second is only on trial. */
export function evaluateInShadow(inForce: PolicyInForce, onTrial: PolicyInForce, input: PolicyInput): ShadowVerdict {
  const [verdict, shadow] = [evaluatePolicy(inForce, input), evaluatePolicy(onTrial, input)]
  return { verdict, shadow, differs: verdict.allowed !== shadow.allowed }
}
