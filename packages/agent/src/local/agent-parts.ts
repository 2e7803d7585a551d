import type { JsonValue } from '@janus/core'
import type { Actor } from '../contract/actor.js'
import type {
  Caller,
  DemoteModeRequest,
  ModeAnswer,
  PolicyExplanation,
  PromoteModeRequest,
  RulesAnswer,
} from '../contract/agent.js'
import type { GovernanceChange } from '../contract/governance.js'
import type { EffectivePermission } from '../contract/mode.js'
import type { ApprovedPlaybook } from '../contract/playbook.js'
import type { ProposalRecord } from '../contract/proposal.js'
import type { Warrant } from '../contract/warrant.js'
import type { AgentEvent } from '../record/agent-event.js'
import type { AgentRecord } from '../record/agent-record.js'
import type { AgentState } from '../record/agent-state.js'

/** What governs an agent, as the parts that decide about decisions ask for it. */
export interface AgentParts {
  /** Checks a draft and puts it on the record. */
  propose(record: AgentRecord, draft: JsonValue, by: Actor): Promise<ProposalRecord>
  /** Proposes a step of a playbook that people approved. @param step its place in the sequence, from 0 */
  proposeStep(record: AgentRecord, playbook: ApprovedPlaybook, step: number, by: Actor): Promise<ProposalRecord>
  /** Proposes a change of the rules. */
  proposeChange(record: AgentRecord, change: GovernanceChange, rationale: string, by: Actor): Promise<ProposalRecord>
  /** What changes of the rules rest on. */
  showRules(state: AgentState): RulesAnswer
  /** What risk, policy and mode say of a draft. */
  explain(state: AgentState, draft: JsonValue, policy: JsonValue | undefined, now: Date): PolicyExplanation
  /** What the agent may do now. */
  permission(state: AgentState, now: Date): EffectivePermission
  /** Refuses what the policy does not allow, at the approval. @throws JANUS_AGENT_POLICY_DENIED */
  permitApproval(state: AgentState, record: ProposalRecord, by: Actor, now: Date): void
  /** Refuses what mode, policy or a control do not let run now. @throws JANUS_AGENT_NOT_PERMITTED; JANUS_AGENT_POLICY_DENIED */
  permitExecution(state: AgentState, record: ProposalRecord, now: Date): void
  /** The same right before its process is started, without the policy. @throws JANUS_AGENT_NOT_PERMITTED */
  permitStart(state: AgentState, record: ProposalRecord): void
  /** Refuses to undo now what was executed, where a person asks for it. @throws JANUS_AGENT_NOT_PERMITTED; JANUS_AGENT_POLICY_DENIED */
  permitRollback(state: AgentState, record: ProposalRecord, now: Date): void
  /** Refuses what a rule of the agent may not approve. @throws JANUS_AGENT_NOT_PERMITTED */
  permitRule(state: AgentState, record: ProposalRecord, now: Date): void
  /** What is recorded with the approval of a change of the rules: when it takes effect. */
  approved(state: AgentState, record: ProposalRecord, at: string): readonly AgentEvent[]
  /** Earliest time of effect of a change that was approved at a time. */
  effectiveFrom(change: GovernanceChange, approvedAt: string): string
  showMode(record: AgentRecord): ModeAnswer
  promoteMode(record: AgentRecord, request: PromoteModeRequest, caller: Caller): Promise<ModeAnswer>
  demoteMode(record: AgentRecord, request: DemoteModeRequest, caller: Caller): Promise<ModeAnswer>
  /**
   * Puts into effect what was approved and is due.
   * @param consume uses the warrant of a change up, see `consumeWarrant`
   */
  applyDue(record: AgentRecord, consume: (proposal: string, by: Actor) => Promise<Warrant>): Promise<unknown>
}
