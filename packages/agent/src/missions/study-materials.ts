import { isJanusError } from '@janus/core'
import type { Mission, StudyMaterial } from '../contract/mission.js'
import type { ThinkingRefusal } from '../contract/thinking.js'
import { type MaterialBounds, readMaterial } from './read-material.js'

/** The materials of a mission, and those that were not read. */
export interface StudyMaterials {
  readonly materials: readonly StudyMaterial[]
  readonly refused: readonly ThinkingRefusal[]
}

/** So many are read of one mission. */
export const MOST_STUDY_MATERIALS = 16
/** Characters of all of them together. */
export const MOST_STUDY_CHARACTERS = 64_000

/** Reads the materials of a mission, in its order. One that may not be read is told and left out. */
export async function studyMaterials(
  { materials: references, directory }: Pick<Mission, 'materials' | 'directory'>,
  bounds: Omit<MaterialBounds, 'directory'>,
): Promise<StudyMaterials> {
  const materials: StudyMaterial[] = []
  const refused: ThinkingRefusal[] = []
  let left = MOST_STUDY_CHARACTERS
  for (const reference of references.slice(0, MOST_STUDY_MATERIALS)) {
    try {
      const mostCharacters = Math.min(bounds.mostCharacters, left)
      const material = await readMaterial(reference, { ...bounds, directory, mostCharacters })
      left = Math.max(0, left - material.text.length)
      materials.push(material)
    } catch (error) {
      if (!isJanusError(error)) throw error
      refused.push({ code: error.code, text: error.message })
    }
  }
  const over = references.length - MOST_STUDY_MATERIALS
  if (over > 0) {
    const text = `${over} of the mission’s materials are over the limit of ${MOST_STUDY_MATERIALS}, and were not read`
    refused.push({ code: 'JANUS_AGENT_MATERIAL_REFUSED', text })
  }
  return { materials, refused }
}
