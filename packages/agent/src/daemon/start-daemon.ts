import { setTimeout as delay } from 'node:timers/promises'
import { openConfiguredLocalAgent } from '../configured/open-configured-agent.js'
import type { ControlsState } from '../contract/controls.js'
import { fileBytes } from '../controls/file-bytes.js'
import { createLiveBoard, mergeConditions } from '../controls/live-board.js'
import { reconcileUnknown } from '../executor/reconcile-unknown.js'
import type { LocalAgent } from '../local/local-agent.js'
import { runDirectory as runDirectoryOf } from '../local/run-directory.js'
import type { AgentSettings } from '../settings/agent-settings.js'
import { filesOf } from '../settings/uses/files-of.js'
import { createClosers } from './closers.js'
import { countViolations } from './count-violations.js'
import { daemonLoops } from './daemon-loops.js'
import { daemonMonitoring } from './daemon-monitoring.js'
import type { DaemonEnd, DaemonOptions } from './daemon-options.js'
import { daemonSandbox } from './daemon-sandbox.js'
import { daemonThinking } from './daemon-thinking.js'
import { daemonWorkers } from './daemon-workers.js'
import { createLoopProgress } from './loop-progress.js'
import { DAEMON_PURPOSE, openAsDaemon } from './open-as-daemon.js'
import { outdatedSettings } from './outdated-settings.js'
import { requireNothingStands } from './require-nothing-stands.js'
import { requireSandbox } from './require-sandbox.js'
import { runLoops } from './run-loops.js'
import { createServiceManager } from './service-manager.js'
import { superviseDaemon } from './supervise-daemon.js'
import { watchCauses } from './watch-causes.js'
import { watchProgress } from './watch-progress.js'

/** A daemon that is ready. */
export interface RunningDaemon {
  readonly agent: LocalAgent
  /** Settles when it has ended and everything is closed. */
  readonly ended: Promise<DaemonEnd>
}

/** Milliseconds for an answer to get out before the socket is closed. */
const LAST_WORDS = 250
/** So long a plan that is being undone is waited for; what takes longer `janus recover` finishes. */
const LONGEST_UNDOING = 60_000
/** Between two looks at the progress, without a service manager that wants to know. */
const LOOK = 10_000

/**
 * Starts the daemon of an agent: opens its record as the only one, has the supervisor at its side, tries the sandbox, serves its socket and lets its loops run, until it is asked to
 * end or everything is stopped.
 * @throws JANUS_AGENT_RUNNING; JANUS_AGENT_STOPPED while a stop stands; JANUS_SANDBOX_UNAVAILABLE when the sandbox does not hold, and everything is stopped then; JANUS_AGENT_SUPERVISOR_UNAVAILABLE;
 * what `openConfiguredLocalAgent` throws
 */
export async function startDaemon(options: DaemonOptions): Promise<RunningDaemon> {
  const { stateDirectory, config, janus, env, say, signal } = options
  const runDirectory = runDirectoryOf(stateDirectory)
  const board = createLiveBoard()
  let controlsState: (() => ControlsState) | undefined
  let outdated: ReturnType<typeof outdatedSettings> | undefined
  const closers = createClosers(say)
  const onProblem = (what: string, problem: unknown): void => say(`${what}: ${messageOf(problem)}`)
  const manager = createServiceManager({ env, pid: process.pid, onProblem: say })

  try {
    const agent = await openAsDaemon(
      () =>
        openConfiguredLocalAgent({
          stateDirectory,
          config,
          purpose: DAEMON_PURPOSE,
          live: (now) => mergeConditions(board.conditions(), { selfTest: outdated?.(now) }),
          controls: () => controlsState?.() ?? noControls(),
          tools: () => janus.tools(),
        }),
      signal,
    )
    closers.add('the record', () => agent.close())
    await requireNothingStands(agent)
    const { record, emergency } = agent
    const settings = settingsOf(agent)
    outdated = outdatedSettings(settings)
    await manager.notify('STATUS=starting')

    await superviseDaemon({ ...options, runDirectory, agent, board, closers })
    closers.add('what is watched', watchCauses(agent, say))

    const sandbox = daemonSandbox(agent, settings, {
      stateDirectory,
      toolUsers: options.toolUsers,
      onProblem: (problem) => onProblem('the sandbox', problem),
    })
    closers.add('the sandbox', () => sandbox.close())
    const tested = await requireSandbox(sandbox, emergency)

    const workers = daemonWorkers({ agent, settings, sandbox, board, janus, env, onProblem })
    const { queue, auto, controls, executing } = workers
    controlsState = () => controls.state()
    closers.add('what runs by itself', () => auto.close())
    closers.add('the queue', () => Promise.race([queue.stop(), delay(LONGEST_UNDOING, undefined, { ref: false })]))
    emergency.drainWith(() => queue.stop())
    closers.add('the count of violations', countViolations(agent, controls))
    let logBytes = 0
    const thinker = await daemonThinking({
      ...options,
      logBytes: () => logBytes,
      agent,
      settings,
      sandbox,
      controls,
      queue,
      runDirectory,
    })
    for (const { proposal, outcome, because } of await reconcileUnknown({ ...executing, agent, signal })) {
      const more = outcome === 'undecided' ? '. Then say what was found: `janus agent proposals reconcile`' : ''
      say(`${proposal}, which was cut off, is ${outcome}: ${because}${more}`)
    }

    const measureLogs = async (): Promise<void> => {
      const { views, log } = filesOf(settings)
      logBytes = await fileBytes([...Object.values(views), log])
    }
    const loops = daemonLoops({
      measureLogs,
      agent,
      settings,
      runDirectory,
      queue,
      auto,
      controls,
    })
    const progress = createLoopProgress(loops, record.clock)
    const watch = watchProgress({ progress, record, runDirectory }, manager)
    const monitoring = await daemonMonitoring({
      agent,
      settings,
      stateDirectory,
      thinker,
      healthy: () => watch.healthy,
      sandbox: () => tested,
      onProblem,
    })
    closers.add('the monitoring', () => monitoring.close())
    await agent.serve({
      socketMode: settings.approval_workflow.socket_group ? 0o660 : 0o600,
      onProblem: (problem) => onProblem('a connection', problem),
    })
    agent.useDaemon(() => ({ loops: progress.states(), running: queue.running, healthy: watch.healthy }))

    const ending = new AbortController()
    const all = [...loops, monitoring.loop, watchLoop(watch, manager.watchdogMilliseconds, say)].filter(
      (loop) => loop !== undefined,
    )
    const running = runLoops(all, {
      signal: AbortSignal.any([ending.signal, signal, emergency.signal]),
      progress,
      onProblem,
    })
    await manager.notify('READY=1', `STATUS=${statusLine(agent)}`)
    say(`ready: ${statusLine(agent)}`)

    const end = async (): Promise<DaemonEnd> => {
      const asked = new Promise<void>((resolve) => {
        if (signal.aborted) resolve()
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
      const stop = (await Promise.race([emergency.stopped, asked])) ?? null
      await manager.notify('STOPPING=1', `STATUS=${stop === null ? 'ending' : `stopped: ${stop.cause.summary}`}`)
      ending.abort()
      await Promise.race([running, delay(LAST_WORDS, undefined, { ref: false })])
      if (stop !== null) await delay(LAST_WORDS)
      await closers.close()
      await manager.settled()
      return { because: stop === null ? 'asked' : 'stopped', stop }
    }
    return { agent, ended: end() }
  } catch (error) {
    await manager.notify('STOPPING=1', `STATUS=${messageOf(error)}`)
    await closers.close()
    throw error
  }
}

function watchLoop(watch: ReturnType<typeof watchProgress>, wanted: number | undefined, say: DaemonOptions['say']) {
  // A third of what the service manager waits: two messages may be lost.
  const every = wanted === undefined ? LOOK : Math.max(100, wanted / 3)
  return {
    name: 'progress',
    every,
    run: async () => {
      const because = await watch.look()
      if (because !== undefined) say(`no progress: ${because}`)
    },
  }
}

function settingsOf(agent: LocalAgent): AgentSettings {
  const { settings } = agent.governed()
  if (settings === undefined) throw new Error('a configured agent has settings')
  return settings
}

function statusLine({ record: { state } }: LocalAgent): string {
  return `${state.mode.mode}, ${state.counts.proposed} proposals wait, ${state.counts.approved} are approved`
}

function noControls(): never {
  throw new Error('the controls are not there yet')
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
