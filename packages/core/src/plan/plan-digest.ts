import { createHash } from 'node:crypto'
import canonicalizeModule from 'canonicalize'
import type { Plan } from '../contract/plan.js'

const canonicalize = canonicalizeModule as unknown as (value: unknown) => string | undefined

/** What the digest of a plan covers. */
export type DigestedPlan = Omit<Plan, 'digest' | 'made'>

/** SHA-256 over the RFC 8785 JSON of `schema, root, module, options, facts, changes`, lower-case hex. */
export function planDigest({ schema, root, module, options, facts, changes }: DigestedPlan): string {
  const canonical = canonicalize({ schema, root, module, options, facts, changes }) ?? ''
  return createHash('sha256').update(canonical).digest('hex')
}
