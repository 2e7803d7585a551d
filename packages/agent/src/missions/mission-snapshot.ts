import { join } from 'node:path'
import { isJanusError } from '@janus/core'
import { errnoOf } from '@janus/core/state'
import type { Mission, StudyMaterial } from '../contract/mission.js'
import type { ThinkingRefusal } from '../contract/thinking.js'
import type { Missions } from '../settings/uses/missions-of.js'
import { CURRENT_MISSION, parseHandOver } from './hand-over-files.js'
import { readMissionObjectives } from './mission-objectives.js'
import { readMissionBytes, readMissionFile } from './read-mission-file.js'
import { studyMaterials } from './study-materials.js'

/** What people want done now, as far as it can be read. */
export interface MissionSnapshot {
  /** The mission that was handed over, else the one of `thinking_cycle.mission_file_path`. */
  readonly mission: Mission | undefined
  /** What stands in `thinking_cycle.mission_objectives_path`. */
  readonly objectives: Mission | undefined
  readonly materials: readonly StudyMaterial[]
  /** What could not be read, and why. */
  readonly refused: readonly ThinkingRefusal[]
}

/** Statuses of a mission that is worked on. */
const WORKED_ON: ReadonlySet<string> = new Set([
  'active',
  'in_progress',
  'in progress',
  'open',
  'pending',
  'planned',
  'started',
])

/** True when people want something done: a mission or an objective that is neither done nor put aside. */
export function isAsked({ mission, objectives }: Pick<MissionSnapshot, 'mission' | 'objectives'>): boolean {
  return [mission, objectives].some((each) => each !== undefined && WORKED_ON.has(each.status))
}

/**
 * Looks at mission, objectives and materials. What is not there is not there; what cannot be read is told.
 * @param mostCharacters of one material
 */
export async function missionSnapshot(missions: Missions, mostCharacters: number): Promise<MissionSnapshot> {
  const asked = await missionsAsked(missions)
  const { mission, refused } = asked
  if (mission === undefined) return { ...asked, materials: [] }
  const studied = await studyMaterials(mission, { roots: missions.materialRoots, mostCharacters })
  return { ...asked, materials: studied.materials, refused: [...refused, ...studied.refused] }
}

/** The same without the materials: none of them is opened. */
export async function missionsAsked(missions: Missions): Promise<Omit<MissionSnapshot, 'materials'>> {
  const refused: ThinkingRefusal[] = []
  const attempt = async (work: () => Promise<Mission | undefined>): Promise<Mission | undefined> => {
    try {
      return await work()
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined
      refused.push({
        code: isJanusError(error) ? error.code : 'JANUS_AGENT_MISSION_INVALID',
        text: error instanceof Error ? error.message : String(error),
      })
      return undefined
    }
  }
  const { file, objectivesFile, directory } = missions
  const current = join(missions.stateDirectory, CURRENT_MISSION)
  const handedOver = await attempt(async () => (await parseHandOver(await readMissionBytes(current), current)).mission)
  const mission = handedOver ?? (file === undefined ? undefined : await attempt(() => readMissionFile(file)))
  const objectives =
    objectivesFile === undefined ? undefined : await attempt(() => readMissionObjectives(objectivesFile, directory))
  return { mission, objectives, refused }
}
