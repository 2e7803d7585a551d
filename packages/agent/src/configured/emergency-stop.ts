import { lstatSync } from 'node:fs'
import { errnoOf } from '@janus/core/state'
import type { AgentSettings } from '../settings/agent-settings.js'

/**
 * Looks for the emergency stop: anything of that name counts, a link to nowhere and a directory too, and so does a place that cannot be looked at.
 * @returns why everything stands still; undefined when nothing does
 */
export function emergencyStop({ kill_switch: kill }: Pick<AgentSettings, 'kill_switch'>): string | undefined {
  if (!kill.enabled) return undefined
  try {
    lstatSync(kill.emergency_stop_file)
    return `${kill.emergency_stop_file} is there`
  } catch (error) {
    const errno = errnoOf(error)
    return errno === 'ENOENT' || errno === 'ENOTDIR'
      ? undefined
      : `${kill.emergency_stop_file} cannot be looked for: ${errno}`
  }
}
