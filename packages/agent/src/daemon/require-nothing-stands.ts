import { agentError } from '../errors/agent-error.js'
import type { LocalAgent } from '../local/local-agent.js'
import { causeOfFile } from '../stop/cause-of-file.js'
import { recordStop } from '../stop/record-stop.js'

/**
 * Refuses to start while a stop stands. One that was made while nothing ran is put on the record first, and what was approved is suspended.
 * @throws JANUS_AGENT_STOPPED
 */
export async function requireNothingStands(agent: LocalAgent): Promise<void> {
  const { emergency, record, frozen } = agent
  const because = emergency.standing()
  if (because === undefined) return
  if (record.state.stopped === undefined && frozen === undefined) {
    const [path = ''] = emergency.found()
    await recordStop(record, await causeOfFile(path, because), { ended: 0, left: 0 })
  }
  const { stopped } = record.state
  const isTold = stopped === undefined || because.includes(stopped.summary)
  throw agentError('JANUS_AGENT_STOPPED', isTold ? because : `${because}, since ${stopped.at}: ${stopped.summary}`)
}
