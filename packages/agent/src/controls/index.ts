export { type AnomalyAlert, type AnomalyAlerts, createAnomalyAlerts } from './anomaly-alerts.js'
export { type ConfiguredControlsOptions, configuredControls } from './configured-controls.js'
export { type Controls, type ControlsEvent, type ControlsOptions, createControls } from './create-controls.js'
export { type EscapementOptions, runEscapement, type Tick } from './escapement.js'
export { fileBytes } from './file-bytes.js'
export { createGovernor, type Governor, type GovernorOptions } from './governor.js'
export { createHostMeter, type HostMeter } from './host-meter.js'
export { createLiveBoard, type LiveBoard, type LiveCondition, mergeConditions } from './live-board.js'
export { type MetricRow, type MetricSources, PLAYBOOK_METRICS, playbookMetrics } from './playbook-metrics.js'
export { createRateLimits, type RateAnswer, type RateLimit, type RateLimits } from './rate-limits.js'
export { type DiskUse, type HostSample, type HostSampleOptions, readHostSample } from './read-host-sample.js'
export {
  createReliefValve,
  type ReliefReading,
  type ReliefRules,
  type ReliefValve,
  reliefRulesOf,
} from './relief-valve.js'
export { type RunControlsOptions, runControls } from './run-controls.js'
export {
  createViolationCounter,
  type StopReason,
  type ViolationCounter,
  type ViolationCounterOptions,
  type ViolationKind,
} from './violation-counter.js'
