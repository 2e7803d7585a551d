import { requireDecider } from '../approval/approval-rules.js'
import type { DecisionContext } from '../approval/decide-proposal.js'
import type { Actor } from '../contract/actor.js'
import { agentError } from '../errors/agent-error.js'
import type { ConsumeContext } from '../warrant/consume-warrant.js'
import type { StartContext } from '../warrant/obstacle-to-start.js'
import { resolveProposal } from '../warrant/resolve-action.js'
import type { LocalAgentContext } from './local-agent-context.js'
import { markRecord } from './open-local-record.js'

/** What a decision of this agent depends on. @param by who decides: what no person approved runs within closer limits */
export function decisionContext(context: LocalAgentContext, by: Actor): DecisionContext {
  const { clock } = context.local.record
  // Resolving takes a while: what governs is read when it is asked for, so that nothing is decided under rules that were replaced meanwhile.
  return {
    get rules() {
      return context.rules
    },
    get terms() {
      return context.terms
    },
    resolve: (proposal, approvedAt) =>
      resolveProposal(proposal, approvedAt, {
        ...context.resolving(by.kind === 'system'),
        digests: context.digests,
      }),
    permit: (state, record, decider) => context.parts.permitApproval(state, record, decider, clock.now()),
    permitRule: (state, record) => context.parts.permitRule(state, record, clock.now()),
    approved: (state, record, at) => context.parts.approved(state, record, at),
  }
}

/** What a warrant of this agent is honoured with, when it is used up and when its process is started. */
export function consumeContext(context: LocalAgentContext): ConsumeContext & StartContext {
  const { clock } = context.local.record
  return {
    get terms() {
      return context.terms
    },
    resolve: (proposal, { notBefore, approvers }) =>
      resolveProposal(proposal, notBefore, context.resolving(approvers.some(({ kind }) => kind === 'system'))),
    isApprover: (state, actor) => {
      if (actor.kind === 'system') return true
      try {
        requireDecider(context.rules, actor, state.keys)
        return true
      } catch {
        return false
      }
    },
    permit: (state, record) => {
      requireThawed(context)
      context.parts.permitExecution(state, record, clock.now())
      if (record.proposal.content.action.kind !== 'governance') context.emergency.requireRunning()
    },
    permitStart: (state, record) => {
      requireThawed(context)
      context.parts.permitStart(state, record)
      context.emergency.requireRunning()
    },
    mark: () => markOf(context),
  }
}

/** Notes outside the record how far it has come. @throws the errno error of the call that failed */
export function markOf({ local, frozen }: Pick<LocalAgentContext, 'local' | 'frozen'>): Promise<void> {
  return markRecord({ ...local, frozen: frozen() })
}

/** @throws JANUS_AGENT_FROZEN while the record is one that came from a copy */
export function requireThawed({ frozen }: Pick<LocalAgentContext, 'frozen'>): void {
  const because = frozen()
  if (because !== undefined)
    throw agentError('JANUS_AGENT_FROZEN', `the record is frozen: ${because}`, { data: { because } })
}
