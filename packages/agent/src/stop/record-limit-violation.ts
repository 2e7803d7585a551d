import type { AgentEvents } from '../record/agent-event.js'
import type { AgentRecord } from '../record/agent-record.js'

/** Records that a limit was broken. So many as the settings allow stop everything, see `watchViolations`. */
export function recordLimitViolation(record: AgentRecord, violation: AgentEvents['limit-violated']): Promise<void> {
  return record.commit(() => ({ events: [{ type: 'limit-violated', payload: violation }], answer: undefined }))
}
