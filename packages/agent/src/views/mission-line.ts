import { nameOf } from '../approval/already-decided.js'
import type { ProposalRecord } from '../contract/proposal.js'
import type { RecordedEvent } from '../record/agent-event.js'
import { documentStatus } from './document-status.js'
import { viewLine } from './view-line.js'

/**
 * What an event says of missions and directives, as the mission log of the documents has it: a mission that something was proposed for, what became of
 * that, and what people directed about mode and rules.
 * @param proposal the proposal that the event is about, as the event left it
 */
export function missionLine(
  event: RecordedEvent,
  proposal: ProposalRecord | undefined,
  vesselId: string,
): string | undefined {
  const line = (source: string, mission: string, status: string, actions: readonly string[]): string =>
    viewLine({ timestamp: event.at, vessel_id: vesselId, directive_source: source, mission, status, actions })
  switch (event.type) {
    case 'proposal-created':
    case 'proposal-moved': {
      if (proposal === undefined || proposal.status === 'draft') return undefined
      const { content, proposer, id } = proposal.proposal
      const by = event.type === 'proposal-moved' ? event.payload.by : proposer
      return line(nameOf(by), content.missionContext, documentStatus(proposal.status), [id])
    }
    case 'mode-changed': {
      const { to, by, because } = event.payload
      return line(nameOf(by), `operational mode ${to}`, 'active', [because])
    }
    case 'change-applied':
      return line('governance', 'rules of the agent', 'active', [event.payload.proposal])
    default:
      return undefined
  }
}
