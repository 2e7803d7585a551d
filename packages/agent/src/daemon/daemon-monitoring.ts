import type { SandboxSelfTest } from '../contract/run.js'
import type { LocalAgent } from '../local/local-agent.js'
import { serveMonitoring } from '../monitoring/serve-monitoring.js'
import type { AgentSettings } from '../settings/agent-settings.js'
import { monitoringOf } from '../settings/uses/monitoring-of.js'
import { thinkingOf } from '../settings/uses/thinking-of.js'
import type { Thinker } from '../thinking/create-thinker.js'
import type { DaemonLoop } from './daemon-loop.js'

/** What of a daemon is monitored. */
export interface DaemonMonitoringOptions {
  readonly agent: LocalAgent
  readonly settings: AgentSettings
  readonly stateDirectory: string
  readonly thinker: Thinker
  healthy(): boolean
  sandbox(): SandboxSelfTest
  onProblem(what: string, problem: unknown): void
}

/** The monitoring of a daemon, with its loop where metrics go into the log. */
export interface DaemonMonitoring {
  readonly loop: DaemonLoop | undefined
  close(): Promise<void>
}

/** Serves what the settings want served, and counts in any case. */
export async function daemonMonitoring(options: DaemonMonitoringOptions): Promise<DaemonMonitoring> {
  const { agent, settings, stateDirectory, thinker, healthy, sandbox, onProblem } = options
  const monitoring = monitoringOf(settings)
  const service = await serveMonitoring({
    monitoring,
    agent: agent.as({ actor: { kind: 'system', name: 'monitoring' }, owner: false }),
    clock: agent.record.clock,
    stateDirectory,
    healthy,
    sandbox: () => sandbox(),
    breakerOpen: () => thinker.breaker().state === 'open',
    thinking: () => thinkingOf(settings) !== undefined,
    onProblem: (problem) => onProblem('the monitoring', problem),
  })
  const unwatch = agent.record.watch((event) => service.observe(event))
  const loop: DaemonLoop = {
    name: 'metrics',
    every: monitoring.measureMilliseconds,
    run: async () => agent.tell(await service.event()),
  }
  return {
    loop: monitoring.metricsInLog ? loop : undefined,
    close: () => {
      unwatch()
      return service.close()
    },
  }
}
