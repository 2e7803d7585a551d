import type { Agent } from '../contract/agent.js'
import type { Clock } from '../contract/clock.js'
import type { MonitoringSnapshot } from '../contract/monitoring.js'

/** Where what is monitored comes from; what is left out is not told. */
export interface MonitoringSources {
  readonly agent: Pick<Agent, 'status' | 'list'>
  readonly clock: Pick<Clock, 'now'>
  /** The last self-test of the sandbox. */
  sandbox?(): MonitoringSnapshot['sandbox']
  breakerOpen?(): boolean
  /** Whether the thinking cycle is on. */
  thinking?(): boolean
}

/** What is told of an agent at this moment. @throws what the agent throws */
export async function readSnapshot(sources: MonitoringSources): Promise<MonitoringSnapshot> {
  const status = await sources.agent.status()
  return {
    at: sources.clock.now().toISOString(),
    status,
    sandbox: sources.sandbox?.() ?? null,
    breakerOpen: sources.breakerOpen?.() ?? null,
    thinking: sources.thinking?.() ?? false,
    stopped: status.emergency?.because ?? null,
  }
}
