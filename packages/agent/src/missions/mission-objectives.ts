import * as z from '@janus/core/zod'
import type { Mission } from '../contract/mission.js'
import { missionInvalid } from './mission-invalid.js'
import { parseMission } from './parse-mission.js'
import { readMissionValue } from './read-mission-file.js'

const objectives = z.looseObject({
  current: z.record(z.string(), z.unknown()),
  updated_at: z.string().max(64).optional(),
})

/**
 * Reads a file of objectives: `{ current: <mission>, updated_at }`.
 * @throws as `readMissionFile`
 */
export async function readMissionObjectives(path: string, directory: string): Promise<Mission> {
  const parsed = objectives.safeParse(await readMissionValue(path))
  if (!parsed.success) throw missionInvalid(path, 'it is no { current: …, updated_at: … }')
  return parseMission(parsed.data.current, { directory, place: path })
}
