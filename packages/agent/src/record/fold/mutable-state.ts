import { PROPOSAL_STATUSES, type ProposalStatus } from '../../contract/proposal.js'
import type { AgentState, DecidedOutcome, ModeState } from '../agent-state.js'
import { freshMode } from './fresh-mode.js'

/** The mode with what is added to it decision by decision. */
export type MutableMode = Omit<ModeState, 'outcomes' | 'recentDecisions'> & {
  readonly outcomes: Map<string, DecidedOutcome>
  readonly recentDecisions: ModeState['recentDecisions'][number][]
}

/** The state while events are folded into it. Only the folds write it; everybody else sees it as {@link AgentState}. */
export type MutableState = {
  -readonly [Key in keyof Omit<AgentState, 'counts' | 'mode'>]: AgentState[Key] extends ReadonlyMap<infer K, infer V>
    ? Map<K, V>
    : AgentState[Key] extends ReadonlySet<infer V>
      ? Set<V>
      : AgentState[Key] extends readonly (infer V)[]
        ? V[]
        : AgentState[Key]
} & { readonly counts: Record<ProposalStatus, number>; mode: MutableMode }

/** The state before the first event. */
export function emptyState(): MutableState {
  return {
    recordId: '',
    vesselId: '',
    anchor: undefined,
    open: new Map(),
    ended: new Map(),
    recent: new Map(),
    counts: Object.fromEntries(PROPOSAL_STATUSES.map((status) => [status, 0])) as Record<ProposalStatus, number>,
    mode: freshMode('alpha', undefined),
    violations: { total: 0, latest: undefined },
    policy: undefined,
    settings: {},
    sandboxProfile: undefined,
    playbooks: new Map(),
    keys: new Map(),
    warrants: new Map(),
    consumed: new Set(),
    rollbacks: new Map(),
    scheduled: new Map(),
    checkpoint: undefined,
    begun: [],
    executions: [],
    stopped: undefined,
    liftedAt: undefined,
    limitViolations: [],
    lastSeq: 0,
    lastAt: undefined,
    lastActivityAt: undefined,
    greatestAt: undefined,
  }
}
