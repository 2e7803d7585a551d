import { join } from 'node:path'
import type { JsonValue } from '@janus/core'
import { openOwnFile, systemFileOperations } from '@janus/core/state'

/** Lines of what became of missions, for people. */
export const MISSION_HISTORY = 'mission_history.jsonl'
/** The same in words. */
export const MISSION_TRANSITIONS = 'mission_transitions.log'

/** Something that became of a mission. */
export interface MissionHistoryEvent {
  /** ISO 8601. */
  readonly timestamp: string
  readonly event:
    | 'mission_staged'
    | 'mission_acknowledged'
    | 'mission_rejected'
    | 'mission_superseded'
    | 'mission_ack_timeout'
    | 'mission_completed'
    | 'mission_expired'
    | 'mission_stagnated'
  readonly mission_id: string
  readonly payload: JsonValue
}

const MODE = 0o644

/** Adds to the history. Nothing is decided by it. */
export async function appendMissionHistory(stateDirectory: string, event: MissionHistoryEvent): Promise<void> {
  await append(join(stateDirectory, MISSION_HISTORY), `${JSON.stringify(event)}\n`)
  await append(join(stateDirectory, MISSION_TRANSITIONS), `${event.timestamp} ${event.event} ${event.mission_id}\n`)
}

async function append(path: string, line: string): Promise<void> {
  const { descriptor } = await openOwnFile(path, { write: true, append: true, createMode: MODE })
  try {
    await systemFileOperations.write(descriptor, Buffer.from(line))
    await systemFileOperations.fsync(descriptor)
  } finally {
    await systemFileOperations.close(descriptor)
  }
}
