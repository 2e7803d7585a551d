import { readFile } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { isJanusError } from '@janus/core'
import { readConfigText } from '@janus/core/config-text'
import { openOwnFile, systemFileOperations } from '@janus/core/state'
import type { Mission } from '../contract/mission.js'
import { missionInvalid } from './mission-invalid.js'
import { parseMission } from './parse-mission.js'

/** Bytes of a mission, a sequence, objectives or a hand-over at most. */
export const MOST_MISSION_BYTES = 256 * 1024

const readDescriptor = promisify(readFile)

/**
 * Loads a mission: YAML or JSON.
 * @param path absolute
 * @throws JANUS_AGENT_MISSION_INVALID; JANUS_STATE_UNSAFE for a link, or a file that somebody else could have written; the errno error of open, ENOENT too
 */
export async function readMissionFile(path: string): Promise<Mission> {
  return parseMission(await readMissionValue(path), { directory: dirname(path), place: path })
}

/** What stands in a YAML or JSON file of missions, whatever it is. @throws as {@link readMissionFile} */
export async function readMissionValue(path: string): Promise<unknown> {
  return parseMissionText(await readMissionBytes(path), path)
}

/** The bytes of a file of missions. @throws as {@link readMissionFile} */
export async function readMissionBytes(path: string): Promise<Buffer> {
  const { descriptor, size } = await openOwnFile(path, { write: false })
  try {
    if (size > MOST_MISSION_BYTES) throw missionInvalid(path, `it is larger than ${MOST_MISSION_BYTES} bytes`)
    return await readDescriptor(descriptor)
  } finally {
    await systemFileOperations.close(descriptor)
  }
}

/** @throws JANUS_AGENT_MISSION_INVALID */
export async function parseMissionText(bytes: Uint8Array, path: string): Promise<unknown> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return (await readConfigText(text, path)).value
  } catch (cause) {
    if (isJanusError(cause) && cause.code === 'JANUS_CONFIG_INVALID') {
      throw missionInvalid(path, cause.message.replace(`${path}:`, '').replace(/^:? /, ''), cause)
    }
    if (cause instanceof TypeError) throw missionInvalid(path, 'it is not UTF-8', cause)
    throw cause
  }
}
