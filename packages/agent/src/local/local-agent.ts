import type { ApprovalRules } from '../approval/approval-rules.js'
import type { NotificationScript } from '../approval/notify-approvers.js'
import type { Actor } from '../contract/actor.js'
import type { Agent, Caller } from '../contract/agent.js'
import type { ControlsState } from '../contract/controls.js'
import type { DaemonState } from '../contract/daemon.js'
import type { ExecutionResult } from '../contract/execution.js'
import type { TellEvent } from '../contract/log-event.js'
import type { ProposalStatus } from '../contract/proposal.js'
import type { ToolEntry } from '../contract/tool-entry.js'
import type { Warrant } from '../contract/warrant.js'
import type { ControlServer } from '../control/serve-agent.js'
import type { AgentRecord } from '../record/agent-record.js'
import type { AgentState } from '../record/agent-state.js'
import type { AgentSettings } from '../settings/agent-settings.js'
import type { EmergencyStop } from '../stop/create-emergency-stop.js'
import type { ViewOptions } from '../views/open-views.js'
import type { WarrantTerms } from '../warrant/issue-warrant.js'
import type { ResolveContext } from '../warrant/resolve-action.js'
import type { AgentParts } from './agent-parts.js'
import type { ExecutionMethods } from './execution-methods.js'
import type { OpenLocalRecordOptions } from './open-local-record.js'
import type { ThinkingMethods } from './thinking-methods.js'

/** By what an agent is governed, as its record stands. */
export interface AgentGovernance {
  readonly rules: ApprovalRules
  readonly terms: WarrantTerms
  /** What actions are resolved with; `automatic` for what no person approved. */
  resolving(automatic: boolean): ResolveContext
  readonly parts: AgentParts
  /** The tools that may be proposed. */
  readonly tools?: ReadonlyMap<string, ToolEntry>
  /** What it thinks by; undefined: it does not think. */
  readonly settings?: AgentSettings | undefined
  /** Tells people of proposals; undefined: nobody is told. */
  readonly notification?: NotificationScript | undefined
  /** The configured emergency stop file; undefined: only that of the state directory is looked for. */
  readonly stopFile?: string | undefined
}

/** What an agent works by. */
export interface LocalAgentOptions extends OpenLocalRecordOptions {
  /** Asked whenever something is decided: what the record adopted since is in force at once. */
  govern(state: AgentState): AgentGovernance
  /** Version of Janus, for the record. */
  readonly version: string
  /** The views of the record; left out: none are written. */
  readonly views?: Omit<ViewOptions, 'cursorPath'>
  /** The controls, for its status; left out where no executor runs. */
  controls?(): ControlsState
  /** Ends the critical stage of their relief valve. @param because who did it and why */
  resetRelief?(because: string): void
}

/** What runs a rollback that a person asks for; see `createExecutor`. */
export interface RollbackRunner {
  rollback(proposal: string, by: Actor, reason: string): Promise<{ readonly result: ExecutionResult }>
}

/** The agent in the process that has its record open. */
export interface LocalAgent extends ExecutionMethods, ThinkingMethods {
  readonly record: AgentRecord
  /** What stops everything, in this process. */
  readonly emergency: EmergencyStop
  /** What governs it now. */
  governed(): AgentGovernance
  /** Why the record must not be worked on; undefined when it may. */
  readonly frozen: string | undefined
  /** The agent as somebody may use it. Closing what is returned closes nothing. */
  as(caller: Caller): Agent
  /** Lets other processes use it, over the socket in the state directory. */
  serve(options?: { readonly socketMode?: number; onProblem?(problem: unknown): void }): Promise<ControlServer>
  /**
   * Uses the warrant of an approved proposal up; see `consumeWarrant`. What it returns may be run, once.
   * @throws as `consumeWarrant`; JANUS_AGENT_FROZEN
   */
  consume(proposal: string, by: Actor): Promise<Warrant>
  /** Records how what was run ended; see `endExecution`. @throws JANUS_AGENT_TRANSITION_ILLEGAL */
  conclude(proposal: string, result: ExecutionResult, by: Actor): Promise<ProposalStatus>
  /** Names what runs the rollbacks that people ask for; without one they are refused. */
  useExecutor(executor: RollbackRunner): void
  /** Puts an event that is not of the record into the agent log, where views are written. */
  readonly tell: TellEvent
  /** Names what tells of the daemon that this process is. */
  useDaemon(state: () => DaemonState): void
  /** Looks at what waits: timeouts, approvals that expire, changes of the rules that are due. To be called every minute or so. */
  tick(): Promise<void>
  /** Ends the serving, waits for what is under way and closes the record. Safe to call twice. */
  close(): Promise<void>
}

/** An agent that is only read, with what looks at what would happen. */
export interface ReadAgent
  extends Pick<LocalAgent, 'record' | 'emergency' | 'governed' | 'as' | 'obstacles'>,
    Pick<ExecutionMethods, 'permission' | 'obstacleTo' | 'obstacleToRule'> {
  readonly frozen: string | undefined
}
