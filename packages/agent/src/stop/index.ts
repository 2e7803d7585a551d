export { causeOfFile, WATCH } from './cause-of-file.js'
export {
  createEmergencyStop,
  DRAIN,
  type EmergencyStop,
  type EmergencyStopOptions,
} from './create-emergency-stop.js'
export { type EndedRuns, endRuns, type KnownProcess, killRuns, type RunsOf, runningProcesses } from './end-runs.js'
export { guardSandbox, type RunGuard } from './guard-sandbox.js'
export { lowerStopFiles } from './lower-stop-files.js'
export { raiseStopFile } from './raise-stop-file.js'
export { recordLimitViolation } from './record-limit-violation.js'
export { clearRegister, registeredRuns, registerRun } from './run-register.js'
export { findStop, STOP_FILE, stopFiles } from './stop-files.js'
export { type StopFromOutside, stopFromOutside, type WouldStop, wouldStop } from './stop-from-outside.js'
export { startBeating } from './supervisor/beat.js'
export { type NotedProcess, notedProcess, noteProcess } from './supervisor/process-note.js'
export { runSupervisor, type Supervisor, type SupervisorOptions } from './supervisor/run-supervisor.js'
export {
  type RunningSupervisor,
  type StartSupervisorOptions,
  startSupervisor,
} from './supervisor/start-supervisor.js'
export { watchdogNotes } from './supervisor/watchdog-notes.js'
export { type StopWatch, type WatchStopFilesOptions, watchStopFiles } from './watch-stop-files.js'
export { type ViolationRules, watchViolations } from './watch-violations.js'
