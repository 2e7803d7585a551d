import type { Plan } from '../contract/plan.js'
import { canonicalDigest } from '../ledger/canonical-json.js'

/** What the digest of a plan covers. */
export type DigestedPlan = Omit<Plan, 'digest' | 'made'>

/** SHA-256 over the RFC 8785 JSON of `schema, root, module, options, facts, changes`, lower-case hex. */
export function planDigest({ schema, root, module, options, facts, changes }: DigestedPlan): string {
  return canonicalDigest({ schema, root, module, options, facts, changes })
}
