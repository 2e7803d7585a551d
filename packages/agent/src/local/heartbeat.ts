import type { AgentRecord } from '../record/agent-record.js'

const BEAT_SECONDS = 3600

/**
 * Records every hour that this process lives: the days of a mode are counted by that and by nothing else, so that no clock that is set and no
 * time in which nothing ran opens a gate.
 * @returns looks now, and records the time since the last sign of life when it is an hour
 */
export function createHeartbeat(record: AgentRecord): () => Promise<void> {
  const { clock } = record
  let last = clock.monotonic()
  return async () => {
    const now = clock.monotonic()
    const seconds = (now - last) / 1000
    if (seconds < BEAT_SECONDS) return
    last = now
    await record.commit(() => ({ events: [{ type: 'agent-alive', payload: { seconds } }], answer: undefined }))
  }
}
