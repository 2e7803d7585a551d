export { type AutoExecutor, type AutoExecutorOptions, createAutoExecutor } from './create-auto-executor.js'
export { createFailureAlerts, type FailureAlert, type FailureAlerts, failurePause } from './failure-alert.js'
export { followPlaybooks, isPlaybookUnderWay, type PlaybookPlace, type PlaybookSteps } from './playbook-steps.js'
