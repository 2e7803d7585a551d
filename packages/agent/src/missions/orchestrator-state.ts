import { join } from 'node:path'
import { errnoOf, writeFileDurably } from '@janus/core/state'
import * as z from '@janus/core/zod'
import { missionInvalid } from './mission-invalid.js'
import { readMissionValue } from './read-mission-file.js'

/** Name of the state in the directory of the hand-over. */
export const ORCHESTRATOR_STATE = 'mission_orchestrator_state.json'

const id = z.string().max(200)
const at = z.string().max(64)
const state = z.strictObject({
  current_mission: id.nullable(),
  missions: z.record(
    id,
    z.strictObject({
      activated_at: at.nullable(),
      proposal_count_start: z.int().min(0),
      ended_at: at.optional(),
      outcome: z.enum(['completed', 'expired', 'stagnated', 'rejected', 'superseded']).optional(),
    }),
  ),
  staged: z
    .strictObject({
      mission_id: id,
      payload_digest: z.string().max(64),
      /** The current payload when it was staged: when another one takes its place, people handed over something else. */
      before: z.string().max(64).nullable(),
      staged_at: at,
      told: z.boolean(),
    })
    .nullable(),
})

/** Where an orchestrator stands. */
export type OrchestratorState = z.output<typeof state>

const MODE = 0o644
const NOTHING: OrchestratorState = { current_mission: null, missions: {}, staged: null }

/** @throws JANUS_AGENT_MISSION_INVALID when it cannot be read: it is not begun anew unasked */
export async function readOrchestratorState(stateDirectory: string): Promise<OrchestratorState> {
  const path = join(stateDirectory, ORCHESTRATOR_STATE)
  try {
    const parsed = state.safeParse(await readMissionValue(path))
    if (parsed.success) return parsed.data
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return NOTHING
    throw error
  }
  throw missionInvalid(path, 'it is no state of the orchestrator')
}

/** When this resolves it is there for good. */
export async function writeOrchestratorState(stateDirectory: string, value: OrchestratorState): Promise<void> {
  const bytes = Buffer.from(`${JSON.stringify(value, null, 2)}\n`)
  await writeFileDurably(join(stateDirectory, ORCHESTRATOR_STATE), bytes, { mode: MODE })
}
