import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { writeFileDurably } from '@janus/core/state'
import type { Clock } from '../contract/clock.js'
import type { Mission } from '../contract/mission.js'
import { NEXT_MISSION, parseHandOver, payloadDigest, TRANSITION_SIGNAL } from './hand-over-files.js'
import { missionInvalid } from './mission-invalid.js'
import { MOST_MISSION_BYTES, readMissionValue } from './read-mission-file.js'

/** A payload that is ready to be staged. */
export interface MissionPayload {
  readonly mission: Mission
  readonly bytes: Uint8Array
  readonly digest: string
}

const MODE = 0o644

/**
 * Makes the payload of a mission file: what stands in it, from where its paths count, and what tells it from the same mission staged another time.
 * @param path absolute
 * @throws as `readMissionFile`
 */
export async function missionPayload(path: string, clock: Pick<Clock, 'now'>): Promise<MissionPayload> {
  const value = await readMissionValue(path)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw missionInvalid(path, 'it is no mapping')
  const payload = {
    ...value,
    base_directory: dirname(path),
    staged_at: clock.now().toISOString(),
    hand_over_id: randomBytes(8).toString('hex'),
  }
  const bytes = Buffer.from(`${JSON.stringify(payload, null, 2)}\n`)
  if (bytes.byteLength > MOST_MISSION_BYTES) throw missionInvalid(path, `it is larger than ${MOST_MISSION_BYTES} bytes`)
  const { mission } = await parseHandOver(bytes, path)
  return { mission, bytes, digest: payloadDigest(bytes) }
}

/**
 * Puts a payload where the agent takes it from, in place of one that waits there: first the payload, then the signal, each whole or not at all. When this resolves both are there for
 * good.
 */
export async function stageMission(stateDirectory: string, { bytes, digest }: MissionPayload): Promise<void> {
  await writeFileDurably(join(stateDirectory, NEXT_MISSION), bytes, { mode: MODE })
  await writeFileDurably(join(stateDirectory, TRANSITION_SIGNAL), Buffer.from(`${digest}\n`), { mode: MODE })
}
