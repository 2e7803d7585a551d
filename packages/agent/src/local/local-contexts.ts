import type { LocalAgentContext } from '../agent.js'
import { requireDecider } from '../approval/approval-rules.js'
import type { DecisionContext } from '../approval/decide-proposal.js'
import type { Actor } from '../contract/actor.js'
import { agentError } from '../errors/agent-error.js'
import type { ConsumeContext } from '../warrant/consume-warrant.js'
import { resolveProposal } from '../warrant/resolve-action.js'
import { markRecord } from './open-local-record.js'

/** What a decision of this agent depends on. @param by who decides: what no person approved runs within closer limits */
export function decisionContext(context: LocalAgentContext, by: Actor): DecisionContext {
  const { rules, terms, parts, local, resolving } = context
  const { clock } = local.record
  return {
    rules,
    terms,
    resolve: (proposal, approvedAt) =>
      resolveProposal(proposal, approvedAt, {
        ...resolving(by.kind === 'system'),
        digests: context.digests,
      }),
    permit: (state, record, decider) => parts.permitApproval(state, record, decider, clock.now()),
    permitRule: (state, record) => parts.permitRule(state, record, clock.now()),
    approved: (state, record, at) => parts.approved(state, record, at),
  }
}

/** What a warrant of this agent is honoured with. */
export function consumeContext(context: LocalAgentContext): ConsumeContext {
  const { rules, terms, parts, local, resolving } = context
  const { clock } = local.record
  return {
    terms,
    resolve: (proposal, { notBefore, approvers }) =>
      resolveProposal(proposal, notBefore, resolving(approvers.some(({ kind }) => kind === 'system'))),
    isApprover: (state, actor) => {
      if (actor.kind === 'system') return true
      try {
        requireDecider(rules, actor, state.keys)
        return true
      } catch {
        return false
      }
    },
    permit: (state, record) => {
      requireThawed(context)
      parts.permitExecution(state, record, clock.now())
    },
    mark: () => markRecord({ ...local, frozen: context.frozen() }),
  }
}

/** @throws JANUS_AGENT_FROZEN while the record is one that came from a copy */
export function requireThawed({ frozen }: Pick<LocalAgentContext, 'frozen'>): void {
  const because = frozen()
  if (because !== undefined)
    throw agentError('JANUS_AGENT_FROZEN', `the record is frozen: ${because}`, { data: { because } })
}
