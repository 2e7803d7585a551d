import type { AgentSettings } from '../agent-settings.js'

const SECOND = 1000
const MIB = 1024 * 1024

/** How the agent watches the host, and which violations stop everything. */
export interface WatchRules {
  readonly sampleMilliseconds: number
  /** `Restart=` of the unit. */
  readonly restart: 'on-failure' | 'no'
  /** Above either the agent degrades: percent of all processors, bytes of memory in use. */
  readonly mostCpuPercent: number
  readonly mostMemoryBytes: number
  /** Violations of watchdog or quota that stop everything. */
  readonly violationsToStop: number
  /** What a constitutional violation does. */
  readonly onConstitutionalViolation: 'stop' | 'demote'
}

/**
 * The watch over host and agent, by the settings. The emergency stop file is looked for by `emergencyStop`.
 * @param totalBytes memory of the host
 */
export function watchRulesOf({ watchdog, kill_switch: kill }: AgentSettings, totalBytes: number): WatchRules {
  const { memory_threshold_percent: percent, memory_threshold_mb: mib } = watchdog
  return {
    sampleMilliseconds: watchdog.sample_interval_seconds * SECOND,
    restart: watchdog.restart_on_failure ? 'on-failure' : 'no',
    mostCpuPercent: watchdog.cpu_threshold_percent,
    // A threshold in MiB was written for one machine; on a smaller one the share of its memory comes first.
    mostMemoryBytes: Math.min(Math.floor((totalBytes * percent) / 100), ...(mib === null ? [] : [mib * MIB])),
    violationsToStop: kill.watchdog_violations_threshold,
    onConstitutionalViolation: kill.constitutional_violation_action === 'demote' ? 'demote' : 'stop',
  }
}
