import type { ShownProposal } from '../contract/proposal.js'
import type { AgentRecord } from './agent-record.js'
import { findExecution } from './find-execution.js'

/** Nothing of these was ever started: the record need not be read for them. */
const BEFORE_EXECUTION: ReadonlySet<string> = new Set(['draft', 'proposed'])

/**
 * A proposal as it stands, wherever that is and however long ago, with what was executed of it.
 * @throws JANUS_AGENT_PROPOSAL_NOT_FOUND
 */
export async function showProposal(record: AgentRecord, id: string): Promise<ShownProposal> {
  const open = record.state.open.get(id)
  if (open !== undefined && BEFORE_EXECUTION.has(open.status)) return { ...open, executions: [] }
  const { record: found, result, rollback } = await findExecution(record, id)
  return {
    ...(open ?? found),
    executions: [
      ...(result === undefined ? [] : [{ of: 'action', result } as const]),
      ...(rollback?.result === undefined ? [] : [{ of: 'rollback', result: rollback.result } as const]),
    ],
  }
}
