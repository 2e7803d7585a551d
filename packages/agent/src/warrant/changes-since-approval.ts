import { canonicalDigest } from '@janus/core/ledger'
import type { ProposalRecord } from '../contract/proposal.js'
import type { Warrant } from '../contract/warrant.js'
import { proposalDigest } from '../proposal/proposal-digest.js'
import type { AgentState } from '../record/agent-state.js'
import { compareFields, type Difference } from './compare-warrant.js'
import type { ConsumeContext } from './consume-warrant.js'
import { playbookDigest, type WarrantTerms } from './issue-warrant.js'
import { WARRANT_SCHEMA } from './warrant-schema.js'

/** What is not as it was when a warrant was issued, by what the record and the terms say now: everything but the action itself, which has to be resolved again. */
export function changesSinceApproval(
  state: AgentState,
  current: ProposalRecord,
  approved: Warrant,
  { terms, isApprover }: Pick<ConsumeContext, 'terms' | 'isApprover'>,
  now: Date,
): readonly Difference[] {
  const { proposal, decisions } = current
  const { digest, action, rollback, ...rest } = approved
  const approvers = decisions.filter(({ decision }) => decision === 'approve').map(({ by }) => by)
  const found: Omit<Warrant, 'digest' | 'action' | 'rollback'> = {
    // What is compared with nothing outside the warrant is covered by its digest.
    ...rest,
    schema: 'janus.warrant/1',
    vesselId:
      terms.vesselId === state.vesselId ? terms.vesselId : `${terms.vesselId}, in the record of ${state.vesselId}`,
    recordId: state.recordId,
    proposalId: proposal.id,
    proposalDigest: proposalDigest(proposal),
    ...rulesInForce(state, approved, current, terms),
    playbook: playbookDigest(state, current),
    approvers: approvers.filter((actor) => isApprover(state, actor)),
    notBefore: now.getTime() < Date.parse(approved.notBefore) ? now.toISOString() : approved.notBefore,
    attempts: 1,
  }
  const sealed = canonicalDigest({ ...rest, action, rollback })
  const shape = WARRANT_SCHEMA.safeParse(approved).success
    ? []
    : [{ field: 'schema', approved: approved.schema, found: 'another shape' }]
  return [...shape, ...compareFields(rest, found), ...compareFields({ digest }, { digest: sealed })]
}

/** A change of the rules waits for days in which others may take effect: it is held against what it changes itself, and nothing else. */
function rulesInForce(
  state: AgentState,
  approved: Warrant,
  { proposal: { content } }: ProposalRecord,
  terms: WarrantTerms,
): Pick<Warrant, 'policy' | 'config' | 'sandboxProfile' | 'mode'> {
  const { action } = content
  const subject = action.kind === 'governance' ? action.change.subject : undefined
  const compares = (own: string): boolean => subject === undefined || subject === own
  return {
    policy: compares('policy') ? terms.policy(state) : approved.policy,
    // A change of some settings names in its `from` what it rests on; the others may change.
    config: subject === undefined ? terms.config(state) : approved.config,
    sandboxProfile: compares('sandbox-profile') ? terms.sandboxProfile(state) : approved.sandboxProfile,
    mode: compares('mode') ? state.mode.mode : approved.mode,
  }
}
