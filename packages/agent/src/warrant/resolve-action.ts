import { canonicalDigest } from '@janus/core/ledger'
import { planDigest } from '@janus/core/schemas'
import type { Action } from '../contract/action.js'
import type { GovernanceChange } from '../contract/governance.js'
import type { Proposal } from '../contract/proposal.js'
import type { ResolvedAction } from '../contract/warrant.js'
import { agentError } from '../errors/agent-error.js'
import { type ResolveToolContext, resolveTool } from './resolve-tool.js'

/** What actions are resolved with. */
export interface ResolveContext extends Omit<ResolveToolContext, 'proposal'> {
  /**
   * Earliest time of effect of a change of the rules.
   * @param approvedAt ISO 8601
   */
  effectiveFrom(change: GovernanceChange, approvedAt: string): string
}

/** A proposal's action and rollback, resolved. */
export interface ResolvedProposal {
  readonly action: ResolvedAction
  readonly rollback: ResolvedAction | null
}

/**
 * Resolves what a proposal would really run, now: the action and what a failure of it runs.
 * @param approvedAt when it is, or was, approved, ISO 8601
 * @throws JANUS_AGENT_STALE when it cannot be resolved
 */
export async function resolveProposal(
  { id, content }: Pick<Proposal, 'id' | 'content'>,
  approvedAt: string,
  context: ResolveContext,
): Promise<ResolvedProposal> {
  return {
    action: await resolveAction(content.action, id, approvedAt, context),
    rollback: content.rollback === null ? null : await resolveAction(content.rollback, id, approvedAt, context),
  }
}

async function resolveAction(
  action: Action,
  proposal: string,
  approvedAt: string,
  context: ResolveContext,
): Promise<ResolvedAction> {
  switch (action.kind) {
    case 'tool':
      return resolveTool(action, { ...context, proposal })
    case 'module':
      // The digest that a plan says of itself is believed by nobody.
      if (planDigest(action.plan) !== action.plan.digest) {
        throw agentError('JANUS_AGENT_STALE', `the plan of ${proposal} has another digest than it says`, {
          data: { proposal, plan: action.plan.digest },
        })
      }
      return { kind: 'module', planDigest: action.plan.digest, accept: [...action.accept].sort() }
    case 'governance':
      return {
        kind: 'governance',
        changeDigest: canonicalDigest(action.change),
        effectiveFrom: context.effectiveFrom(action.change, approvedAt),
      }
  }
}
