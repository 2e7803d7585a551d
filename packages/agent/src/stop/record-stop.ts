import type { ProposalRecord } from '../contract/proposal.js'
import type { StopCause } from '../contract/stop.js'
import type { AgentEvent } from '../record/agent-event.js'
import type { AgentRecord } from '../record/agent-record.js'

/** Proposals that a stop suspended. */
export interface SuspendedProposals {
  readonly suspended: readonly string[]
  /** Those of them that were being executed. */
  readonly executing: readonly string[]
}

/**
 * Records that everything was stopped and why, and suspends what was approved or being executed. A change of the rules that was approved is nothing that runs: it stays,
 * and takes effect only where it makes something stricter. The plan of a module that is being carried out is not suspended: it is undone, and ends by itself.
 * @param counts what was ended
 */
export function recordStop(
  record: AgentRecord,
  cause: StopCause,
  counts: { readonly ended: number; readonly left: number },
): Promise<SuspendedProposals> {
  return record.commit((state) => {
    const stopped = [...state.open.values()].filter(isSuspendedByStop)
    const executing = stopped.filter(({ status }) => status === 'executing').map(({ proposal }) => proposal.id)
    const undone = [...state.open.values()].filter(isUndoneByStop).map(({ proposal }) => proposal.id)
    const { kind, summary, by } = cause
    const stop: AgentEvent = {
      type: 'emergency-stopped',
      payload: { cause: kind, summary, by, ...counts, executing: [...executing, ...undone] },
    }
    return {
      events: [stop, ...stopped.map((each) => suspended(each, cause))],
      answer: { suspended: stopped.map(({ proposal }) => proposal.id), executing },
    }
  })
}

function isSuspendedByStop({ status, proposal }: ProposalRecord): boolean {
  const { kind } = proposal.content.action
  return (status === 'approved' && kind !== 'governance') || (status === 'executing' && kind === 'tool')
}

function isUndoneByStop({ status, proposal }: ProposalRecord): boolean {
  return status === 'executing' && proposal.content.action.kind === 'module'
}

function suspended({ proposal, revision, status }: ProposalRecord, { summary, by }: StopCause): AgentEvent {
  const what = status === 'executing' ? 'it was running: what it did is not known' : 'it had not run'
  const text = `everything was stopped (${summary}); ${what}`
  return {
    type: 'proposal-moved',
    payload: {
      proposal: proposal.id,
      revision,
      from: status,
      to: 'suspended',
      by,
      reason: { code: 'JANUS_AGENT_STOPPED', text },
    },
  }
}
