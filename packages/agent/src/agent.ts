import { join } from 'node:path'
import type { ApprovalRules } from './approval/approval-rules.js'
import { createNotifier } from './approval/create-notifier.js'
import { expireProposals } from './approval/expire-proposals.js'
import type { NotificationScript } from './approval/notify-approvers.js'
import { recoverExecutions } from './approval/recover-executions.js'
import { tellBeforeStart } from './approval/tell-before-start.js'
import type { Actor } from './contract/actor.js'
import type { Agent, Caller } from './contract/agent.js'
import type { ControlsState } from './contract/controls.js'
import type { DaemonState } from './contract/daemon.js'
import type { ExecutionResult } from './contract/execution.js'
import type { TellEvent } from './contract/log-event.js'
import type { ProposalStatus } from './contract/proposal.js'
import type { ToolEntry } from './contract/tool-entry.js'
import type { Warrant } from './contract/warrant.js'
import { type ControlServer, serveAgent } from './control/serve-agent.js'
import { agentError } from './errors/agent-error.js'
import { agentMethods } from './local/agent-methods.js'
import type { AgentParts } from './local/agent-parts.js'
import { createClockWatch } from './local/clock-watch.js'
import { type ExecutionMethods, executionMethods } from './local/execution-methods.js'
import { createHeartbeat } from './local/heartbeat.js'
import { consumeContext } from './local/local-contexts.js'
import {
  type LocalRecord,
  markRecord,
  type OpenLocalRecordOptions,
  openLocalRecord,
  openLocalRecordToRead,
} from './local/open-local-record.js'
import { type ThinkingMethods, thinkingMethods } from './local/thinking-methods.js'
import type { AgentRecord } from './record/agent-record.js'
import type { AgentState } from './record/agent-state.js'
import type { AgentSettings } from './settings/agent-settings.js'
import { createEmergencyStop, type EmergencyStop } from './stop/create-emergency-stop.js'
import { stopFiles } from './stop/stop-files.js'
import { findViewObstacles } from './views/find-view-obstacles.js'
import { openViews, type ViewOptions, type Views } from './views/open-views.js'
import type { ViewProblem } from './views/view-set.js'
import { consumeWarrant } from './warrant/consume-warrant.js'
import { endExecution } from './warrant/end-execution.js'
import type { WarrantTerms } from './warrant/issue-warrant.js'
import type { ResolveContext } from './warrant/resolve-action.js'
import type { DigestCache } from './warrant/resolve-binary.js'

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
   * Uses the warrant of an approved proposal up; see {@link consumeWarrant}. What it returns may be run, once.
   * @throws as {@link consumeWarrant}; JANUS_AGENT_FROZEN
   */
  consume(proposal: string, by: Actor): Promise<Warrant>
  /** Records how what was run ended; see {@link endExecution}. @throws JANUS_AGENT_TRANSITION_ILLEGAL */
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

/**
 * The agent of a record that is only read: shows, lists and explains beside whoever writes it; takes no lock, writes nothing and creates nothing. What would
 * change something is refused.
 * @throws what `openLocalRecordToRead` throws
 */
export async function openAgentToRead(options: LocalAgentOptions, caller: Caller): Promise<Agent> {
  return (await readLocalAgent(options)).as(caller)
}

/** An agent that is only read, with what looks at what would happen. */
export interface ReadAgent
  extends Pick<LocalAgent, 'record' | 'emergency' | 'governed' | 'as' | 'obstacles'>,
    Pick<ExecutionMethods, 'permission' | 'obstacleTo' | 'obstacleToRule'> {
  readonly frozen: string | undefined
}

/**
 * The same, for whoever looks at more than an {@link Agent} shows.
 * @throws what `openLocalRecordToRead` throws
 */
export async function readLocalAgent(options: LocalAgentOptions): Promise<ReadAgent> {
  const local = await openLocalRecordToRead(options)
  const context = contextOf(options, local, {
    emergency: emergencyOf(options, local),
    frozen: () => local.frozen,
    thawed: () => undefined,
    viewProblems: async () => (options.views === undefined ? [] : findViewObstacles(options.views.paths)),
    executor: () => undefined,
    daemon: () => null,
    thinking: () => thinking,
    begin: async () => {
      throw agentError('JANUS_AGENT_NOT_PERMITTED', 'the record was opened to be read')
    },
  })
  const as = (asked: Caller): Agent => agentMethods(context, asked)
  const never = new AbortController().signal
  const thinking = thinkingMethods(() => context, { as, ended: never, tell: () => undefined })
  const { permission, obstacleTo, obstacleToRule } = executionMethods(context)
  return {
    record: local.record,
    emergency: context.emergency,
    frozen: local.frozen,
    governed: () => options.govern(local.record.state),
    as,
    obstacles: thinking.obstacles,
    permission,
    obstacleTo,
    obstacleToRule,
  }
}

/** Everything a method of the agent works with. What governs it is read where it is used, never kept. */
export interface LocalAgentContext extends AgentGovernance {
  readonly local: LocalRecord
  /** Absolute path. */
  readonly stateDirectory: string
  readonly emergency: EmergencyStop
  readonly purpose: string
  readonly version: string
  readonly controls: LocalAgentOptions['controls']
  readonly resetRelief: LocalAgentOptions['resetRelief']
  /** For reviews and approvals; what is executed is read again. */
  readonly digests: DigestCache
  /** ISO 8601. */
  readonly openedAt: string
  /** Replaced when the record is thawed. */
  frozen(): string | undefined
  thawed(): void
  /** Views that cannot be written. */
  viewProblems(): Promise<readonly ViewProblem[]>
  /** What runs a rollback that a person asks for, where this process executes at all. */
  executor(): RollbackRunner | undefined
  /** What the daemon does that this process is; null: it is none. */
  daemon(): DaemonState | null
  /** What thinks in this process. */
  thinking(): ThinkingMethods
  /** To be awaited before something is changed: says on the record who opened it, once. */
  begin(by: Actor): Promise<void>
}

/** Directory of the socket in a state directory. */
export function runDirectory(stateDirectory: string): string {
  return join(stateDirectory, 'run')
}

/**
 * Opens the agent in this process: its record, which no other process has open, and what it works by. Executions that a crash cut off become unknown.
 * @throws JANUS_STATE_LOCKED while another process has the record open; what `openLocalRecord` throws
 */
export async function openLocalAgent(options: LocalAgentOptions): Promise<LocalAgent> {
  const local = await openLocalRecord(options)
  const { record } = local
  let { frozen } = local
  let begun: Promise<void> | undefined
  let executor: RollbackRunner | undefined
  let daemon: (() => DaemonState) | undefined
  const emergency = emergencyOf(options, local)
  const context = contextOf(options, local, {
    emergency,
    frozen: () => frozen,
    thawed: () => {
      frozen = undefined
    },
    viewProblems: async () => views?.problems() ?? [],
    executor: () => executor,
    daemon: () => daemon?.() ?? null,
    thinking: () => thinking,
    begin: (by) => {
      begun ??= announce(context, by)
      return begun
    },
  })
  const notifier = context.notification && createNotifier(record, context.notification)
  const unwatch = record.watch((event) => {
    if (event.type !== 'proposal-created' || event.payload.status !== 'proposed') return
    notifier?.notify(event.payload.proposal)
  })
  const servers = new Set<ControlServer>()
  const views = writtenViews(options, local)
  const checkClock = createClockWatch(record)
  const sayAlive = createHeartbeat(record)
  const as = (caller: Caller): Agent => agentMethods(context, caller)
  const ended = new AbortController()
  const tell: TellEvent = (event) => views?.tell(event)
  const thinking = thinkingMethods(() => context, { as, ended: ended.signal, tell })
  let closing: Promise<void> | undefined

  const close = async (): Promise<void> => {
    ended.abort()
    for (const server of servers) await server.close()
    unwatch()
    await notifier?.close()
    await views?.close()
    try {
      // A mark that cannot be written now is missed at the next execution, which needs it.
      await markRecord({ ...local, frozen }).catch(() => undefined)
    } finally {
      await record.close()
    }
  }

  const agent: LocalAgent = {
    record,
    emergency,
    governed: () => options.govern(record.state),
    get frozen() {
      return frozen
    },
    as,
    serve: async ({ socketMode, onProblem } = {}) => {
      const server = await serveAgent({
        runDirectory: runDirectory(options.stateDirectory),
        agentFor: as,
        ...(socketMode === undefined ? {} : { socketMode }),
        ...(onProblem === undefined ? {} : { onProblem }),
      })
      servers.add(server)
      return server
    },
    consume: async (proposal, by) => {
      await context.begin(by)
      await tellBeforeStart(record, proposal, context.notification)
      return consumeWarrant(record, { proposal, by }, consumeContext(context))
    },
    conclude: (proposal, result, by) => endExecution(record, { proposal, result, by }),
    ...executionMethods(context),
    ...thinking,
    tell,
    useDaemon: (state) => {
      daemon = state
    },
    useExecutor: (used) => {
      executor = used
    },
    tick: async () => {
      await checkClock()
      if (frozen !== undefined) return
      await views?.check()
      await sayAlive()
      await expireProposals(record, { rules: context.rules, bootId: context.terms.bootId })
      await context.parts.applyDue(record, (proposal, by) => agent.consume(proposal, by))
    },
    close: () => {
      closing ??= close()
      return closing
    },
  }
  try {
    if (frozen === undefined) await recoverExecutions(record)
    return agent
  } catch (error) {
    await record.close()
    throw error
  }
}

/** A record that must not be worked on is not shown as if it were the one of this machine. */
function writtenViews(
  { views, stateDirectory }: LocalAgentOptions,
  { record, frozen }: LocalRecord,
): Views | undefined {
  if (views === undefined || frozen !== undefined) return undefined
  return openViews(record, { ...views, cursorPath: join(stateDirectory, 'views.json') })
}

function contextOf(
  { govern, purpose, version, controls, resetRelief, stateDirectory }: LocalAgentOptions,
  local: LocalRecord,
  life: Pick<
    LocalAgentContext,
    'emergency' | 'daemon' | 'frozen' | 'thawed' | 'viewProblems' | 'executor' | 'begin' | 'thinking'
  >,
): LocalAgentContext {
  const governed = (): AgentGovernance => govern(local.record.state)
  return {
    ...life,
    local,
    stateDirectory,
    purpose,
    version,
    controls,
    resetRelief,
    digests: new Map(),
    openedAt: local.record.clock.now().toISOString(),
    get rules() {
      return governed().rules
    },
    get terms() {
      return governed().terms
    },
    get parts() {
      return governed().parts
    },
    get tools() {
      return governed().tools ?? new Map()
    },
    get settings() {
      return governed().settings
    },
    get notification() {
      return governed().notification
    },
    get stopFile() {
      return governed().stopFile
    },
    resolving: (automatic) => governed().resolving(automatic),
  }
}

function emergencyOf({ stateDirectory, govern }: LocalAgentOptions, { record }: LocalRecord): EmergencyStop {
  return createEmergencyStop({
    runDirectory: runDirectory(stateDirectory),
    record,
    files: () => stopFiles(stateDirectory, govern(record.state).stopFile),
  })
}

async function announce({ local, terms, version }: LocalAgentContext, by: Actor): Promise<void> {
  const { record } = local
  await record.commit((state) => ({
    events: [
      {
        type: 'agent-opened',
        payload: {
          by,
          janus: version,
          bootId: terms.bootId,
          config: terms.config(state),
          sandboxProfile: terms.sandboxProfile(state),
        },
      },
    ],
    answer: undefined,
  }))
}
