import { join } from 'node:path'
import { errnoOf, writeFileDurably } from '@janus/core/state'
import * as z from '@janus/core/zod'
import { MISSION_ACK } from './hand-over-files.js'
import { readMissionValue } from './read-mission-file.js'

/** What the agent says of a payload that it took. */
export interface Acknowledgement {
  /** Undefined for a payload that names none. */
  readonly missionId: string | undefined
  /** ISO 8601. */
  readonly at: string
  readonly status: 'acknowledged' | 'rejected'
  readonly payloadDigest: string
  /** Why it was rejected. */
  readonly reason?: string | undefined
}

const acknowledgement = z.looseObject({
  mission_id: z.string().max(200).nullable(),
  transition_timestamp: z.string().max(64),
  status: z.enum(['acknowledged', 'rejected']),
  payload_digest: z.string().regex(/^[0-9a-f]{64}$/),
  reason: z.string().max(1000).optional(),
})

const MODE = 0o644

/** Writes an acknowledgement in place of the one before. When this resolves it is there for good. */
export async function writeAcknowledgement(stateDirectory: string, ack: Acknowledgement): Promise<void> {
  const { missionId, at, status, reason } = ack
  const value = {
    mission_id: missionId ?? null,
    transition_timestamp: at,
    status,
    payload_digest: ack.payloadDigest,
    ...(reason === undefined ? {} : { reason: reason.slice(0, 1000) }),
  }
  await writeFileDurably(join(stateDirectory, MISSION_ACK), Buffer.from(`${JSON.stringify(value)}\n`), { mode: MODE })
}

/**
 * The acknowledgement of one payload.
 * @returns undefined while there is none, or only that of another payload
 */
export async function readAcknowledgement(
  stateDirectory: string,
  digest: string,
): Promise<Acknowledgement | undefined> {
  const path = join(stateDirectory, MISSION_ACK)
  const value = await readMissionValue(path).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  })
  const parsed = acknowledgement.safeParse(value)
  if (!parsed.success || parsed.data.payload_digest !== digest) return undefined
  const { mission_id, transition_timestamp, status, reason } = parsed.data
  return { missionId: mission_id ?? undefined, at: transition_timestamp, status, payloadDigest: digest, reason }
}
