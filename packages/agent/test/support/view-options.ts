import { join } from 'node:path'
import type { ViewOptions } from '../../src/index.js'

/** Views in one directory, named as the documents name them. */
export function viewOptions(directory: string, more: Partial<ViewOptions> = {}): Omit<ViewOptions, 'cursorPath'> {
  return {
    paths: {
      missionLog: join(directory, 'mission_log.jsonl'),
      toolLog: join(directory, 'tool_use.jsonl'),
      proposalsLog: join(directory, 'proposals.jsonl'),
      approvalQueue: join(directory, 'approval_queue.jsonl'),
      agentLog: join(directory, 'agent.log'),
    },
    detail: { everyEvent: false, proposalReasons: false },
    mostWaiting: 1000,
    ...more,
  }
}
