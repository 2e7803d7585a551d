import { totalmem } from 'node:os'
import { type AutoExecutor, createAutoExecutor } from '../auto/create-auto-executor.js'
import type { Actor } from '../contract/actor.js'
import type { RunSandbox } from '../contract/run.js'
import type { StopKind } from '../contract/stop.js'
import { type Controls, createControls } from '../controls/create-controls.js'
import type { LiveBoard } from '../controls/live-board.js'
import { readHostSample } from '../controls/read-host-sample.js'
import { createExecutionQueue, type ExecutionQueue } from '../executor/create-execution-queue.js'
import { createExecutor } from '../executor/create-executor.js'
import type { ExecutorOptions } from '../executor/executor-options.js'
import type { LocalAgent } from '../local/local-agent.js'
import type { AgentSettings } from '../settings/agent-settings.js'
import { monitoringOf } from '../settings/uses/monitoring-of.js'
import { paceOf } from '../settings/uses/pace-of.js'
import { vesselOf } from '../settings/uses/vessel-of.js'
import { watchRulesOf } from '../settings/uses/watch-rules-of.js'
import { workspacesOf } from '../settings/uses/workspaces-of.js'
import { executorTools } from '../tools/executor-tools.js'
import type { DaemonOptions } from './daemon-options.js'

/** What works in a daemon. */
export interface DaemonWorkers {
  readonly executing: ExecutorOptions
  readonly queue: ExecutionQueue
  readonly auto: AutoExecutor
  readonly controls: Controls
}

/** With what they are made. */
export interface DaemonWorkersOptions extends Pick<DaemonOptions, 'janus' | 'env'> {
  readonly agent: LocalAgent
  readonly settings: AgentSettings
  readonly sandbox: RunSandbox
  readonly board: LiveBoard
  onProblem(what: string, problem: unknown): void
}

const EXECUTOR: Actor = { kind: 'agent', name: 'executor' }
const AUTO_EXECUTOR: Actor = { kind: 'agent', name: 'auto-executor' }
const CONTROLS: Actor = { kind: 'system', name: 'controls' }

const KINDS: Readonly<Record<string, StopKind>> = {
  constitution: 'constitutional-violation',
  violations: 'limit-violations',
  verification: 'verification',
  'self-test': 'self-test',
}

/** The executor with its queue, what runs by itself, and the controls over both. Starts nothing that is not approved. */
export function daemonWorkers(options: DaemonWorkersOptions): DaemonWorkers {
  const { agent, settings, sandbox, board, janus, env, onProblem } = options
  const { record, emergency } = agent
  const { clock } = record
  // An approved change of the rules may change them: what runs is what was approved under the rules of now.
  const tools = executorTools({
    get entries() {
      return agent.governed().tools ?? new Map()
    },
  })
  const stopped = emergency.standing
  const executing: ExecutorOptions = {
    agent,
    sandbox,
    tools,
    plans: janus,
    stopped,
    networkBlocked: () => (controls.allowance().network ? undefined : 'the controls let no run use the network now'),
    clock,
    environment: env,
  }
  const executor = createExecutor(executing)
  agent.useExecutor(executor)
  const pace = paceOf(settings)
  const queue = createExecutionQueue({
    agent,
    executor,
    by: EXECUTOR,
    clock,
    concurrency: pace.mostRuns,
    stopped,
    onProblem,
  })
  const totalBytes = totalmem()
  const diskPath = workspacesOf(settings).root
  const controls: Controls = createControls({
    clock,
    pace,
    watch: watchRulesOf(settings, totalBytes),
    monitoring: monitoringOf(settings),
    totalBytes,
    board,
    backlog: () => ({ waiting: queue.waiting.length, active: queue.running.length }),
    readSample: () => readHostSample(janus.host, { diskPath }),
    mustStop: ({ rule, because }) => {
      void emergency.stopEverything({ kind: KINDS[rule] ?? 'controls', summary: because, by: CONTROLS })
    },
    // A violation is a fall back to alpha by itself.
    mustDemote: () => undefined,
    onEvent: ({ event, summary, alert }) => agent.tell({ event, level: alert ? 'warn' : 'info', data: { summary } }),
  })
  const auto = createAutoExecutor({
    agent,
    queue,
    source: vesselOf(settings).ruleName,
    by: AUTO_EXECUTOR,
    stopped,
    onProblem,
  })
  return { executing, queue, auto, controls }
}
