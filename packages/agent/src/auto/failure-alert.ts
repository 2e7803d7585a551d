import type { RecentExecution } from '../record/agent-state.js'

/** That too many executions fail began or ended. */
export interface FailureAlert {
  readonly event: 'auto_executor.failure_rate_alert' | 'auto_executor.paused'
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
/** It is told again only after it went below this. */
const REARM_PERCENT = 15
const PAUSE_FAILURES = 3
const PAUSE_MILLISECONDS = 10 * 60 * 1000

/**
 * Why nothing is begun without a person for now: three executions failed within ten minutes. What fails would else be begun again and again, by a playbook whose trigger goes on holding or a
 * model that goes on asking.
 */
export function failurePause(executions: readonly RecentExecution[], now: Date): string | undefined {
  const since = now.getTime() - PAUSE_MILLISECONDS
  const failed = executions.filter((each) => each.failed && Date.parse(each.at) > since).length
  return failed < PAUSE_FAILURES
    ? undefined
    : `${failed} executions failed within ${PAUSE_MILLISECONDS / 60_000} minutes`
}

/**
 * An alert of executions that fail: of the newest, at least five, 30 % did; once, until it was less than 15 %.
 * @param past executions that were looked at before, in an earlier life
 */
export function createFailureAlerts(past: readonly RecentExecution[] = []): FailureAlerts {
  let holding = false
  const alerts: FailureAlerts = {
    look: (executions) => {
      const newest = executions.slice(-WINDOW)
      const failed = newest.filter((each) => each.failed).length
      const percent = newest.length === 0 ? 0 : (100 * failed) / newest.length
      const summary = `${failed} of the newest ${newest.length} executions failed (${percent.toFixed(0)} %)`
      if (!holding && newest.length >= LEAST_RUNS && percent >= ALERT_PERCENT) {
        holding = true
        return { event: 'auto_executor.failure_rate_alert', holds: true, summary }
      }
      if (holding && percent < REARM_PERCENT) {
        holding = false
        return { event: 'auto_executor.failure_rate_alert', holds: false, summary }
      }
      return undefined
    },
  }
  for (let count = 1; count <= past.length; count += 1) alerts.look(past.slice(Math.max(0, count - WINDOW), count))
  return alerts
}
