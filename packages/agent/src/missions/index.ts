export { type Acknowledgement, readAcknowledgement } from './acknowledgement.js'
export { type HandedOver, parseHandOver } from './hand-over-files.js'
export { isDelivered, type MissionOutcome, type MissionProgress, missionOutcome } from './mission-outcome.js'
export {
  MISSION_SEQUENCE,
  type MissionSequence,
  readMissionSequence,
  type SequenceEntry,
} from './mission-sequence.js'
export { isAsked, type MissionSnapshot, missionSnapshot, missionsAsked } from './mission-snapshot.js'
export { createMissionWatch, type MissionWatch, type MissionWatchOptions } from './mission-watch.js'
export { type OrchestrateOptions, type OrchestratorStep, orchestrateMissions } from './orchestrate-missions.js'
export { parseMission } from './parse-mission.js'
export { excerptOf, type MaterialBounds, readMaterial } from './read-material.js'
export { readMissionFile } from './read-mission-file.js'
export { type MissionPayload, missionPayload, stageMission } from './stage-mission.js'
export { createMissionTaker, type MissionTaker, type TakeMissionOptions } from './take-mission.js'
