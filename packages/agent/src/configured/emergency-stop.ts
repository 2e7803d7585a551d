import type { AgentSettings } from '../settings/agent-settings.js'
import { findStop } from '../stop/stop-files.js'

/**
 * Looks for the configured emergency stop, see `findStop`.
 * @returns why everything stands still; undefined when nothing does
 */
export function emergencyStop(settings: Pick<AgentSettings, 'kill_switch'>): string | undefined {
  const path = configuredStopFile(settings)
  return path === undefined ? undefined : findStop([path])
}

/** The file that is looked for; undefined when the settings look for none. */
export function configuredStopFile({ kill_switch: kill }: Pick<AgentSettings, 'kill_switch'>): string | undefined {
  return kill.enabled ? kill.emergency_stop_file : undefined
}
