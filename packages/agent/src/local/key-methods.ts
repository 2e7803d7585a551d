import { requireDecider } from '../approval/approval-rules.js'
import type { Caller, ChangeAnswer, EnrolKeyRequest, RevokeKeyRequest } from '../contract/agent.js'
import { agentError } from '../errors/agent-error.js'
import { requireValidKey } from '../identity/key-id.js'
import { commitOrRefuse } from '../record/commit-or-refuse.js'
import type { LocalAgentContext } from './local-agent-context.js'

/**
 * Enrols a key: the first one at once, by the owner of the record, because nobody could approve it, which the record says; every other as a
 * proposal. Whoever begins as the first citizen is nothing else: else one key would both propose the rules and authorise them.
 * @throws JANUS_AGENT_KEY_INVALID; what proposing throws
 */
export async function enrolKey(
  { local, parts }: LocalAgentContext,
  { key, rationale }: EnrolKeyRequest,
  { actor, owner }: Caller,
): Promise<ChangeAnswer> {
  requireValidKey(key)
  const { record } = local
  const enrolled = await commitOrRefuse(record, { by: actor }, (state) => {
    if (state.keys.has(key.keyId)) throw invalid(key.keyId, 'is enrolled already')
    if (state.keys.size > 0 || !owner) return { events: [], answer: false }
    if (key.roles.includes('first-citizen') && key.roles.length > 1) {
      throw invalid(key.keyId, 'cannot be enrolled without review as that of the first citizen and for anything else')
    }
    return { events: [{ type: 'key-enrolled', payload: { key, by: actor, bootstrap: true } }], answer: true }
  })
  if (enrolled) return { effect: 'immediate' }
  const change = { subject: 'key', operation: 'enrol', key } as const
  return { effect: 'proposed', record: await parts.proposeChange(record, change, rationale, actor) }
}

/**
 * Revokes a key at once where that makes everything stricter. Without the last key nothing has to be signed any more, and without a recommender a
 * promotion needs one signature less: that is proposed, unless the owner of the record does it.
 * @throws JANUS_AGENT_KEY_INVALID; JANUS_AGENT_IDENTITY_REFUSED; what proposing throws
 */
export async function revokeKey(
  { local, rules, parts }: LocalAgentContext,
  { keyId, reason }: RevokeKeyRequest,
  { actor, owner }: Caller,
): Promise<ChangeAnswer> {
  const { record } = local
  const revoked = await commitOrRefuse(record, { by: actor }, (state) => {
    requireDecider(rules, actor, state.keys)
    const key = state.keys.get(keyId)
    if (key === undefined) throw invalid(keyId, 'is not enrolled', 'See those that are: `janus agent keys list`.')
    const loosens = state.keys.size === 1 || key.roles.includes('recommender')
    if (loosens && !owner) return { events: [], answer: false }
    return { events: [{ type: 'key-revoked', payload: { keyId, by: actor, because: reason } }], answer: true }
  })
  if (revoked) return { effect: 'immediate' }
  const change = { subject: 'key', operation: 'revoke', keyId } as const
  return { effect: 'proposed', record: await parts.proposeChange(record, change, reason, actor) }
}

function invalid(keyId: string, problem: string, remedy?: string): Error {
  return agentError('JANUS_AGENT_KEY_INVALID', `the key ${keyId} ${problem}`, {
    data: { keyId },
    ...(remedy !== undefined && { remedy }),
  })
}
