import { dirname, resolve } from 'node:path'
import * as z from '@janus/core/zod'
import { missionInvalid } from './mission-invalid.js'
import { readMissionValue } from './read-mission-file.js'

/** Name of the sequence in the directory of the missions. */
export const MISSION_SEQUENCE = 'mission_sequence.yaml'

/** Missions one after another. */
export interface MissionSequence {
  /** Milliseconds between two looks. */
  readonly checkMilliseconds: number
  /** Without a proposal for so long a mission stagnates. */
  readonly stagnationMilliseconds: number
  readonly entries: readonly SequenceEntry[]
}

/** One mission of a sequence. */
export interface SequenceEntry {
  readonly missionId: string
  /** Absolute. */
  readonly file: string
  /** Absolute; undefined: that of the mission itself, if it has one. */
  readonly deliverable: string | undefined
  readonly mostMilliseconds: number | undefined
  readonly leastMilliseconds: number
  /** Undefined: it never stagnates. */
  readonly leastProposals: number | undefined
}

const MINUTE = 60_000
const HOUR = 3_600_000

const hours = z.number().min(0).max(100_000)
const path = z
  .string()
  .min(1)
  .max(4095)
  .regex(/^[^\0]*$/)
const sequence = z.strictObject({
  check_interval_seconds: z.number().min(1).max(86_400).default(300),
  stagnation_minutes: z.number().min(1).max(100_000).default(30),
  sequence: z
    .array(
      z.strictObject({
        mission_id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/),
        file: path,
        deliverable_path: path.optional(),
        max_duration_hours: hours.optional(),
        min_duration_hours: hours.default(0),
        min_proposals: z.int().min(1).max(1_000_000).optional(),
      }),
    )
    .max(1000),
})

/**
 * Reads a sequence of missions; relative paths count from it.
 * @throws JANUS_AGENT_MISSION_INVALID; as `readMissionFile`
 */
export async function readMissionSequence(file: string): Promise<MissionSequence> {
  const parsed = sequence.safeParse(await readMissionValue(file))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw missionInvalid(file, `${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? 'has another form'}`)
  }
  const { check_interval_seconds, stagnation_minutes, sequence: listed } = parsed.data
  const ids = listed.map(({ mission_id }) => mission_id)
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice !== undefined) throw missionInvalid(file, `the mission ${twice} is in it twice`)
  return {
    checkMilliseconds: check_interval_seconds * 1000,
    stagnationMilliseconds: stagnation_minutes * MINUTE,
    entries: listed.map((entry) => ({
      missionId: entry.mission_id,
      file: resolve(dirname(file), entry.file),
      deliverable: entry.deliverable_path === undefined ? undefined : resolve(dirname(file), entry.deliverable_path),
      mostMilliseconds: entry.max_duration_hours === undefined ? undefined : entry.max_duration_hours * HOUR,
      leastMilliseconds: entry.min_duration_hours * HOUR,
      leastProposals: entry.min_proposals,
    })),
  }
}
