import { createHash } from 'node:crypto'
import { dirname, isAbsolute } from 'node:path'
import type { Mission } from '../contract/mission.js'
import { missionInvalid } from './mission-invalid.js'
import { parseMission } from './parse-mission.js'
import { parseMissionText } from './read-mission-file.js'

/** The mission that the agent works on. */
export const CURRENT_MISSION = 'current_mission.json'
/** The mission that waits to be taken. */
export const NEXT_MISSION = 'next_mission.json'
/** Says that one waits; holds the digest of its payload. The payload alone is enough. */
export const TRANSITION_SIGNAL = 'mission_transition_signal'
/** What became of the payload that was taken last. */
export const MISSION_ACK = 'mission_ack.json'
/** A payload that is being taken: no other one can lie in its place. */
export const TAKEN_MISSION = 'taken_mission.json'
/** Directory of the payloads that could not be read, each by its digest. */
export const QUARANTINE = 'quarantine'

/** A mission as it was handed over. */
export interface HandedOver {
  readonly mission: Mission
  /** SHA-256 of the bytes of the payload, in hexadecimal. */
  readonly digest: string
}

/** Identifies a payload. */
export function payloadDigest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/**
 * Reads a payload.
 * @param bytes untrusted
 * @param path where it lies, for messages; relative paths of it count from its `base_directory`, else from there
 * @throws JANUS_AGENT_MISSION_INVALID
 */
export async function parseHandOver(bytes: Uint8Array, path: string): Promise<HandedOver> {
  const value = await parseMissionText(bytes, path)
  const base =
    typeof value === 'object' && value !== null ? (value as { base_directory?: unknown }).base_directory : undefined
  if (base !== undefined && (typeof base !== 'string' || !isAbsolute(base) || base.includes('\0')))
    throw missionInvalid(path, 'base_directory: must be an absolute path')
  const mission = parseMission(value, { directory: base ?? dirname(path), place: path })
  return { mission, digest: payloadDigest(bytes) }
}
