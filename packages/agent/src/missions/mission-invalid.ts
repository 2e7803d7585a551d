import type { JanusError } from '@janus/core'
import { agentError } from '../errors/agent-error.js'

/** The error for a mission, a sequence or objectives that cannot be read. @param place file, for people */
export function missionInvalid(place: string, problem: string, cause?: unknown): JanusError {
  return agentError('JANUS_AGENT_MISSION_INVALID', `${place}: ${problem}`, {
    data: { place },
    ...(cause === undefined ? {} : { cause }),
  })
}
