import type { Host } from '@janus/core'
import { AGENT_UNIT, UNITS } from './units/unit-paths.js'

/** True when a unit of the agent is there, whoever wrote it. */
export function isInstalled(host: Host): Promise<boolean> {
  return host.exists(`${UNITS}/${AGENT_UNIT}`)
}
