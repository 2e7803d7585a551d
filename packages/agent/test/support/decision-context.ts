import type { ApprovalRules } from '../../src/approval/approval-rules.js'
import type { DecisionContext } from '../../src/approval/decide-proposal.js'
import type { ToolEntry } from '../../src/contract/tool-entry.js'
import type { Actor, AgentRecord, EnrolledKey, Proposal, ProposalStatus } from '../../src/index.js'
import type { ConsumeContext } from '../../src/warrant/consume-warrant.js'
import { HARD_LIMITS } from '../../src/warrant/execution-limits.js'
import type { WarrantTerms } from '../../src/warrant/issue-warrant.js'
import { type ResolveContext, resolveProposal } from '../../src/warrant/resolve-action.js'
import { grammarOf, toolEntry } from './tool-entry.js'

export const ANA: Actor = { kind: 'user', uid: 1001, name: 'ana' }
export const BEN: Actor = { kind: 'user', uid: 1002, name: 'ben' }
export const CAL: Actor = { kind: 'user', uid: 1003, name: 'cal' }
export const EXECUTOR: Actor = { kind: 'agent', name: 'auto-executor' }
export const LIST_TOOL: ToolEntry = toolEntry('list', ['/bin/ls'], { grammar: grammarOf('-l', '-a') })

export const RULES: ApprovalRules = {
  enabled: true,
  approvers: undefined,
  quorum: { low: 1, medium: 1, high: 1 },
  timeoutSeconds: 24 * 3600,
  autoReject: false,
  warrantSeconds: 12 * 3600,
  agentUid: 998,
}

export const RESOLVE: ResolveContext = {
  tool: (name) => (name === 'list' ? LIST_TOOL : undefined),
  preservedEnvironment: ['PATH', 'LANG'],
  allowedDomains: ['example.org', 'files.example.org'],
  limits: HARD_LIMITS,
  effectiveFrom: (_change, approvedAt) => new Date(Date.parse(approvedAt) + 7 * 24 * 3600 * 1000).toISOString(),
}

export const TERMS: WarrantTerms = {
  vesselId: 'janus-in-balaur',
  config: (state) => `config ${JSON.stringify(state.settings)}`,
  sandboxProfile: (state) => state.sandboxProfile ?? 'the default profile',
  policy: (state) => state.policy?.digest ?? 'no policy',
  bootId: 'boot-1',
  validSeconds: 12 * 3600,
}

/** Everything a decision needs, as a test wants it. */
export function decisionContext(
  _record: AgentRecord,
  {
    rules = {},
    resolve = RESOLVE,
    terms = {},
  }: {
    readonly rules?: Partial<ApprovalRules>
    readonly resolve?: ResolveContext
    readonly terms?: Partial<WarrantTerms>
  } = {},
): DecisionContext {
  return {
    rules: { ...RULES, ...rules },
    terms: { ...TERMS, ...terms },
    resolve: (proposal, approvedAt) => resolveProposal(proposal, approvedAt, resolve),
    permit: () => undefined,
  }
}

/** Everything an execution needs, as a test wants it. */
export function consumeContext({
  resolve = RESOLVE,
  terms = {},
}: {
  readonly resolve?: ResolveContext
  readonly terms?: Partial<WarrantTerms>
} = {}): ConsumeContext {
  return {
    terms: { ...TERMS, ...terms },
    resolve: (proposal, { notBefore }) => resolveProposal(proposal, notBefore, resolve),
    isApprover: (state, actor) => actor.kind !== 'key' || state.keys.has(actor.keyId),
    permit: () => undefined,
  }
}

/** Puts a proposal on the record as it is. */
export function put(record: AgentRecord, proposal: Proposal): Promise<Proposal> {
  return record.commit(() => ({
    events: [{ type: 'proposal-created', payload: { proposal, status: 'proposed' } }],
    answer: proposal,
  }))
}

/** Enrols a key without further ado. */
export function enrol(record: AgentRecord, key: EnrolledKey): Promise<void> {
  return record.commit(() => ({
    events: [{ type: 'key-enrolled', payload: { key, by: ANA } }],
    answer: undefined,
  }))
}

/** Moves a proposal without asking anybody. */
export function force(record: AgentRecord, id: string, to: ProposalStatus): Promise<void> {
  return record.commit((state) => {
    const current = state.open.get(id)
    if (current === undefined) throw new Error(`${id} is not open`)
    const payload = { proposal: id, revision: current.revision, from: current.status, to, by: EXECUTOR }
    return { events: [{ type: 'proposal-moved', payload }], answer: undefined }
  })
}
