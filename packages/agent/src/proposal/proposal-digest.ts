import { canonicalDigest } from '@janus/core/ledger'
import type { Action } from '../contract/action.js'
import type { Proposal } from '../contract/proposal.js'

/** The digest that an approval of a proposal is bound to: SHA-256 over the RFC 8785 JSON of everything that decides what will happen. */
export function proposalDigest({
  id,
  proposer,
  content,
  risk,
}: Pick<Proposal, 'id' | 'proposer' | 'content' | 'risk'>): string {
  return canonicalDigest({ id, proposer, content, risk })
}

/** The digest of an action alone: the same action under other words has the same. For a plan it is the plan's own. */
export function actionDigest(action: Action): string {
  if (action.kind === 'module') return canonicalDigest({ plan: action.plan.digest, accept: action.accept })
  return canonicalDigest(action)
}
