import type { Actor } from '../contract/actor.js'
import type { StopCause } from '../contract/stop.js'
import type { AgentRecord } from '../record/agent-record.js'
import type { AgentState } from '../record/agent-state.js'
import type { WatchRules } from '../settings/uses/watch-rules-of.js'

/** When violations stop everything. */
export type ViolationRules = Pick<WatchRules, 'violationsToStop' | 'onConstitutionalViolation'>

const RULE: Actor = { kind: 'system', name: 'kill-switch' }
/** A rollback that failed is no breach of the constitution: the mode falls back to alpha, and a person looks. */
const NO_BREACH: ReadonlySet<string> = new Set(['FAILED_DIRTY'])

/**
 * Stops everything when the record says that it has to be: at a constitutional violation, where the settings do not only want the mode lowered, and at so many violations of
 * watchdog and quotas as they allow. Violations do not expire: a person who resumes begins again. What was recorded before, and not answered by a stop, counts.
 * @param rules asked each time
 * @returns ends it
 */
export function watchViolations(
  record: AgentRecord,
  rules: () => ViolationRules,
  stop: (cause: StopCause) => void,
): () => void {
  const look = (): void => {
    const cause = overLimit(record, rules())
    if (cause !== undefined) stop(cause)
  }
  const unwatch = record.watch((event) => {
    if (event.type === 'limit-violated') look()
    if (event.type !== 'violation-recorded') return
    const cause = breach(event.payload, rules())
    if (cause !== undefined) stop(cause)
  })
  const unanswered = unansweredBreach(record.state, rules())
  if (unanswered !== undefined) stop(unanswered)
  else look()
  return unwatch
}

function overLimit({ state }: AgentRecord, { violationsToStop }: ViolationRules): StopCause | undefined {
  const { stopped, limitViolations: violations } = state
  const last = violations.at(-1)
  if (stopped !== undefined || last === undefined || violations.length < violationsToStop) return undefined
  const summary = `${violations.length} violations of watchdog and quotas, the last: ${last.summary}`
  return { kind: 'limit-violations', summary, by: RULE }
}

function breach(
  { code, summary }: { readonly code: string; readonly summary: string },
  { onConstitutionalViolation }: ViolationRules,
): StopCause | undefined {
  if (onConstitutionalViolation !== 'stop' || NO_BREACH.has(code)) return undefined
  return { kind: 'constitutional-violation', summary: `${code}: ${summary}`, by: RULE }
}

/** One that no running daemon saw, and nobody lifted since. */
function unansweredBreach({ violations, stopped, liftedAt }: AgentState, rules: ViolationRules): StopCause | undefined {
  const { latest } = violations
  if (latest === undefined || stopped !== undefined) return undefined
  if (liftedAt !== undefined && Date.parse(latest.at) <= Date.parse(liftedAt)) return undefined
  return breach(latest, rules)
}
