import { randomBytes } from 'node:crypto'
import { canonicalDigest } from '@janus/core/ledger'
import type { ProposalRecord } from '../contract/proposal.js'
import type { ResolvedAction, Warrant } from '../contract/warrant.js'
import type { AgentState } from '../record/agent-state.js'

/** Under what warrants are issued and honoured by this process. */
export interface WarrantTerms {
  /** As configured. */
  readonly vesselId: string
  /** Digest of the effective settings, changes on the record included. */
  config(state: AgentState): string
  /** Digest of the sandbox profile in force. */
  sandboxProfile(state: AgentState): string
  /** Digest of the policy in force. */
  policy(state: AgentState): string
  /** Of the running kernel. */
  readonly bootId: string | null
  /** Seconds that an approval is good for. */
  readonly validSeconds: number
}

/** One moment, by both clocks. */
export interface Moment {
  readonly now: Date
  /** Milliseconds. */
  readonly monotonic: number
}

/** What a warrant is issued for. */
export interface WarrantInput {
  /** When it was approved. */
  readonly at: Moment
  readonly state: AgentState
  /** With the decision that completed the approval. */
  readonly approved: ProposalRecord
  readonly resolved: { readonly action: ResolvedAction; readonly rollback: ResolvedAction | null }
  readonly terms: WarrantTerms
}

const NONCE_BYTES = 32

/** Issues the warrant of an approval: everything that decides what will run, as it is now. */
export function issueWarrant({ at, state, approved, resolved, terms }: WarrantInput): Warrant {
  const { now, monotonic } = at
  const { proposal, decisions } = approved
  return sealWarrant({
    schema: 'janus.warrant/1',
    nonce: randomBytes(NONCE_BYTES).toString('hex'),
    vesselId: terms.vesselId,
    recordId: state.recordId,
    proposalId: proposal.id,
    proposalDigest: proposal.digest,
    ...resolved,
    policy: terms.policy(state),
    playbook: playbookDigest(state, approved),
    config: terms.config(state),
    sandboxProfile: terms.sandboxProfile(state),
    mode: state.mode.mode,
    approvers: decisions.filter(({ decision }) => decision === 'approve').map(({ by }) => by),
    notBefore: now.toISOString(),
    expires: new Date(earliestUse(resolved.action, now) + terms.validSeconds * 1000).toISOString(),
    bootId: terms.bootId,
    monotonic,
    attempts: 1,
  })
}

/** A change of the rules waits for its review time first. Milliseconds since the epoch. */
function earliestUse(action: ResolvedAction, now: Date): number {
  return action.kind === 'governance' ? Math.max(now.getTime(), Date.parse(action.effectiveFrom)) : now.getTime()
}

/** Adds the digest over everything else. */
export function sealWarrant(fields: Omit<Warrant, 'digest'>): Warrant {
  return { ...fields, digest: canonicalDigest(fields) }
}

/** Digest of the playbook that a proposal is a step of; null when it is none, or the playbook is not in force any more. */
export function playbookDigest(state: AgentState, { proposal }: Pick<ProposalRecord, 'proposal'>): string | null {
  const id = proposal.content.metadata.playbook_id
  return typeof id === 'string' ? (state.playbooks.get(id)?.digest ?? null) : null
}
