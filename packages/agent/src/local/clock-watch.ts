import type { AgentRecord } from '../record/agent-record.js'

const STEP_SECONDS = 1

/**
 * Notices that the wall clock was set: by how much it moved other than the monotonic one since it was last looked at.
 * @returns looks now, and records a step of more than a second
 */
export function createClockWatch(record: AgentRecord): () => Promise<void> {
  const { clock } = record
  let offset = clock.now().getTime() - clock.monotonic()
  return async () => {
    const now = clock.now().getTime() - clock.monotonic()
    const seconds = (now - offset) / 1000
    if (Math.abs(seconds) <= STEP_SECONDS) return
    offset = now
    await record.commit(() => ({ events: [{ type: 'clock-stepped', payload: { seconds } }], answer: undefined }))
  }
}
