export { type CheckSettings, runChecks } from './run-checks.js'
