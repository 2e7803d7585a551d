export { type CheckSettings, crashed, runChecks } from './run-checks.js'
