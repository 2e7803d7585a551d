import type { Novelty, ProposalStatus } from '../contract/proposal.js'
import type { RecentProposal } from '../record/agent-state.js'

/** Proposals that a new one is compared with at most, the newest. */
const WINDOW = 200
const DUPLICATE_FROM = 0.75
const LEAST_TOKEN = 3
/** What came to nothing may be tried again. */
const COUNTS: ReadonlySet<ProposalStatus> = new Set([
  'proposed',
  'approved',
  'executing',
  'completed',
  'suspended',
  'unknown',
])

/**
 * How new a proposal is: compared by its rationale with recent ones of the same action type. It repeats one when the rationale is alike and the action is the
 * same to the last argument; the same words about another action are another proposal, and so is what was rejected or failed.
 * @param recent oldest first
 */
export function noveltyOf(
  { actionType, rationale, actionDigest }: Pick<RecentProposal, 'actionType' | 'rationale' | 'actionDigest'>,
  recent: Iterable<RecentProposal>,
): Novelty {
  const tokens = tokensOf(rationale)
  const alike = [...recent]
    .filter((one) => one.actionType === actionType && COUNTS.has(one.status))
    .slice(-WINDOW)
    .map((one) => ({ one, similarity: similarityOf(tokens, tokensOf(one.rationale)) }))
  const greatest = Math.max(0, ...alike.map(({ similarity }) => similarity))
  const repeated = alike.findLast(
    ({ one, similarity }) => similarity >= DUPLICATE_FROM && one.actionDigest === actionDigest,
  )
  const score = Math.round((1 - greatest) * 1000) / 1000
  return repeated === undefined ? { score } : { score, duplicateOf: repeated.one.id }
}

function tokensOf(text: string): ReadonlySet<string> {
  return new Set((text.toLowerCase().match(/[a-z0-9]+/g) ?? []).filter((token) => token.length >= LEAST_TOKEN))
}

/** Jaccard: what they share of what they have. */
function similarityOf(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  if (one.size === 0 || other.size === 0) return 0
  const shared = [...one].filter((token) => other.has(token)).length
  return shared / (one.size + other.size - shared)
}
