import type { RecentExecution } from '../record/agent-state.js'

/** That too many executions fail began or ended. */
export interface FailureAlert {
  readonly event: 'auto_executor.failure_rate_alert'
  readonly holds: boolean
  readonly summary: string
}

/** Tells once that too many executions fail. */
export interface FailureAlerts {
  /** What began or ended with the newest execution. */
  look(executions: readonly RecentExecution[]): FailureAlert | undefined
}

/** The newest executions that count. */
const WINDOW = 20
const LEAST_RUNS = 5
const ALERT_PERCENT = 30
/** It is told again only after it went down to this. */
const REARM_PERCENT = 15

/** An alert of executions that fail: of the newest, at least five, 30 % did; once, until it was 15 %. */
export function createFailureAlerts(): FailureAlerts {
  let holding = false
  return {
    look: (executions) => {
      const newest = executions.slice(-WINDOW)
      const failed = newest.filter((each) => each.failed).length
      const percent = newest.length === 0 ? 0 : (100 * failed) / newest.length
      const summary = `${failed} of the newest ${newest.length} executions failed (${percent.toFixed(0)} %)`
      if (!holding && newest.length >= LEAST_RUNS && percent >= ALERT_PERCENT) {
        holding = true
        return { event: 'auto_executor.failure_rate_alert', holds: true, summary }
      }
      if (holding && percent <= REARM_PERCENT) {
        holding = false
        return { event: 'auto_executor.failure_rate_alert', holds: false, summary }
      }
      return undefined
    },
  }
}
