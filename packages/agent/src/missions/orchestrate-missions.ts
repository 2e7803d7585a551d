import { join, resolve } from 'node:path'
import type { JsonValue } from '@janus/core'
import type { Clock } from '../contract/clock.js'
import { readAcknowledgement } from './acknowledgement.js'
import { CURRENT_MISSION, NEXT_MISSION, payloadDigest, TAKEN_MISSION } from './hand-over-files.js'
import { appendMissionHistory, type MissionHistoryEvent } from './mission-history.js'
import { isDelivered, missionOutcome } from './mission-outcome.js'
import { type MissionSequence, readMissionSequence, type SequenceEntry } from './mission-sequence.js'
import { type OrchestratorState, readOrchestratorState, writeOrchestratorState } from './orchestrator-state.js'
import { readIfThere } from './read-if-there.js'
import { readMissionFile } from './read-mission-file.js'
import { missionPayload, stageMission } from './stage-mission.js'

/** What an orchestrator works with. */
export interface OrchestrateOptions {
  /** Absolute. */
  readonly sequenceFile: string
  /** Absolute; it exists. The same as the agent’s. */
  readonly stateDirectory: string
  readonly clock: Pick<Clock, 'now'>
  /** Proposals that are on the record, repetitions left out, and when the last was made. */
  proposals(): { readonly count: number; readonly lastAt: string | undefined }
}

/** What one step did. */
export type OrchestratorStep =
  | { readonly kind: 'working'; readonly mission: string }
  | { readonly kind: 'staged' | 'waiting' | 'acknowledged' | 'rejected' | 'superseded'; readonly mission: string }
  | { readonly kind: 'finished' }

/** So long an acknowledgement is waited for before that is told; the mission stays staged. */
const ACK_TIMEOUT = 120_000

/**
 * Takes a sequence of missions one step further: sees what the agent acknowledged, whether the mission is over, and hands the next one over. Everything is decided on the state
 * file, which is written before anything is handed over: after a crash the next call goes on.
 * @throws JANUS_AGENT_MISSION_INVALID; the errno error of a write that failed
 */
export async function orchestrateMissions(options: OrchestrateOptions): Promise<OrchestratorStep> {
  const sequence = await readMissionSequence(options.sequenceFile)
  const state = await readOrchestratorState(options.stateDirectory)
  if (state.staged !== null) return follow(options, sequence, state, state.staged)
  const current = sequence.entries.find(({ missionId }) => missionId === state.current_mission)
  if (current === undefined) return stageNext(options, sequence, state)
  const outcome = await outcomeOf(options, sequence, state, current)
  if (outcome === undefined) return { kind: 'working', mission: current.missionId }
  const now = options.clock.now().toISOString()
  const ended = { ...withMission(state, current.missionId, { ended_at: now, outcome }), current_mission: null }
  await writeOrchestratorState(options.stateDirectory, ended)
  await note(options, `mission_${outcome}`, current.missionId, {})
  return stageNext(options, sequence, ended)
}

async function outcomeOf(
  { clock, proposals }: OrchestrateOptions,
  sequence: MissionSequence,
  state: OrchestratorState,
  entry: SequenceEntry,
) {
  const known = state.missions[entry.missionId]
  const now = clock.now().getTime()
  const activated = Date.parse(known?.activated_at ?? '') || now
  const { count, lastAt } = proposals()
  const last = Math.max(activated, lastAt === undefined ? activated : Date.parse(lastAt))
  return missionOutcome(
    entry,
    {
      age: now - activated,
      delivered: await delivered(entry),
      proposals: count - (known?.proposal_count_start ?? count),
      quiet: now - last,
    },
    sequence.stagnationMilliseconds,
  )
}

async function delivered(entry: SequenceEntry): Promise<boolean> {
  const { deliverable, directory } = await readMissionFile(entry.file)
  const location = entry.deliverable ?? (deliverable && resolve(directory, deliverable.location))
  return location !== undefined && isDelivered(location, Math.max(1, deliverable?.requiredCount ?? 1))
}

/** The first mission of the sequence that has not ended. */
async function stageNext(
  options: OrchestrateOptions,
  sequence: MissionSequence,
  state: OrchestratorState,
): Promise<OrchestratorStep> {
  const entry = sequence.entries.find(({ missionId }) => state.missions[missionId]?.outcome === undefined)
  return entry === undefined ? { kind: 'finished' } : stage(options, state, entry)
}

async function stage(
  options: OrchestrateOptions,
  state: OrchestratorState,
  { missionId, file }: SequenceEntry,
): Promise<OrchestratorStep> {
  const { stateDirectory, clock } = options
  const payload = await missionPayload(file, clock)
  const staged = {
    mission_id: missionId,
    payload_digest: payload.digest,
    before: (await digestAt(stateDirectory, CURRENT_MISSION)) ?? null,
    staged_at: clock.now().toISOString(),
    told: false,
  }
  await writeOrchestratorState(stateDirectory, { ...state, staged })
  await stageMission(stateDirectory, payload)
  await note(options, 'mission_staged', missionId, { payload_digest: payload.digest })
  return { kind: 'staged', mission: missionId }
}

/** Looks what became of the payload that was staged. */
async function follow(
  options: OrchestrateOptions,
  sequence: MissionSequence,
  state: OrchestratorState,
  staged: NonNullable<OrchestratorState['staged']>,
): Promise<OrchestratorStep> {
  const { stateDirectory, clock, proposals } = options
  const { mission_id: mission, payload_digest: digest } = staged
  const now = clock.now().toISOString()
  const ack = await readAcknowledgement(stateDirectory, digest)
  if (ack?.status === 'acknowledged') {
    const began = withMission(state, mission, { activated_at: ack.at, proposal_count_start: proposals().count })
    await writeOrchestratorState(stateDirectory, { ...began, current_mission: mission, staged: null })
    await note(options, 'mission_acknowledged', mission, { payload_digest: digest })
    return { kind: 'acknowledged', mission }
  }
  if (ack?.status === 'rejected') {
    const ended = withMission(state, mission, { ended_at: now, outcome: 'rejected' })
    await writeOrchestratorState(stateDirectory, { ...ended, staged: null })
    await note(options, 'mission_rejected', mission, { reason: ack.reason ?? '' })
    return { kind: 'rejected', mission }
  }
  // In the order in which a payload moves: one that is on its way is met somewhere.
  const places = []
  for (const name of [NEXT_MISSION, TAKEN_MISSION, CURRENT_MISSION]) places.push(await digestAt(stateDirectory, name))
  const [next, taken, current] = places
  if (places.includes(digest)) return wait(options, state, staged)
  if (next !== undefined || taken !== undefined) return { kind: 'waiting', mission }
  if ((current ?? null) !== staged.before) {
    const ended = withMission(state, mission, { ended_at: now, outcome: 'superseded' })
    await writeOrchestratorState(stateDirectory, { ...ended, staged: null })
    await note(options, 'mission_superseded', mission, {})
    return { kind: 'superseded', mission }
  }
  const entry = sequence.entries.find(({ missionId }) => missionId === mission)
  // It is nowhere: we ended before it was handed over.
  return entry === undefined ? stageNext(options, sequence, { ...state, staged: null }) : stage(options, state, entry)
}

async function wait(
  options: OrchestrateOptions,
  state: OrchestratorState,
  staged: NonNullable<OrchestratorState['staged']>,
): Promise<OrchestratorStep> {
  const waited = options.clock.now().getTime() - Date.parse(staged.staged_at)
  if (waited >= ACK_TIMEOUT && !staged.told) {
    await writeOrchestratorState(options.stateDirectory, { ...state, staged: { ...staged, told: true } })
    await note(options, 'mission_ack_timeout', staged.mission_id, { seconds: Math.round(waited / 1000) })
  }
  return { kind: 'waiting', mission: staged.mission_id }
}

function withMission(
  state: OrchestratorState,
  id: string,
  change: Partial<OrchestratorState['missions'][string]>,
): OrchestratorState {
  const before = state.missions[id] ?? { activated_at: null, proposal_count_start: 0 }
  return { ...state, missions: { ...state.missions, [id]: { ...before, ...change } } }
}

async function digestAt(stateDirectory: string, name: string): Promise<string | undefined> {
  const bytes = await readIfThere(join(stateDirectory, name))
  return bytes === undefined ? undefined : payloadDigest(bytes)
}

function note(
  { stateDirectory, clock }: OrchestrateOptions,
  event: MissionHistoryEvent['event'],
  mission: string,
  payload: JsonValue,
): Promise<void> {
  return appendMissionHistory(stateDirectory, {
    timestamp: clock.now().toISOString(),
    event,
    mission_id: mission,
    payload,
  })
}
