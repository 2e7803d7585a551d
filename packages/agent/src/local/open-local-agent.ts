import { join } from 'node:path'
import { createNotifier } from '../approval/create-notifier.js'
import { expireProposals } from '../approval/expire-proposals.js'
import { recoverExecutions } from '../approval/recover-executions.js'
import { tellBeforeStart } from '../approval/tell-before-start.js'
import type { Actor } from '../contract/actor.js'
import type { Agent, Caller } from '../contract/agent.js'
import type { DaemonState } from '../contract/daemon.js'
import type { TellEvent } from '../contract/log-event.js'
import { type ControlServer, serveAgent } from '../control/serve-agent.js'
import { openViews, type Views } from '../views/open-views.js'
import { consumeWarrant } from '../warrant/consume-warrant.js'
import { endExecution } from '../warrant/end-execution.js'
import { agentMethods } from './agent-methods.js'
import { createClockWatch } from './clock-watch.js'
import { executionMethods } from './execution-methods.js'
import { createHeartbeat } from './heartbeat.js'
import type { LocalAgent, LocalAgentOptions, RollbackRunner } from './local-agent.js'
import { type LocalAgentContext, localAgentContext } from './local-agent-context.js'
import { consumeContext } from './local-contexts.js'
import { type LocalRecord, markRecord, openLocalRecord } from './open-local-record.js'
import { runDirectory } from './run-directory.js'
import { thinkingMethods } from './thinking-methods.js'

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
  const context = localAgentContext(options, local, {
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
    emergency: context.emergency,
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
