import type { ProposalRow } from '../../contract/agent.js'
import { visibleLine, visibleName } from '../../review/visible-text.js'
import { columns } from './columns.js'

const MOST_RATIONALE = 60

/** Proposals as a table. */
export function proposalTable(rows: readonly ProposalRow[]): string {
  if (rows.length === 0) return 'no proposals'
  return columns([['ID', 'STATUS', 'RISK', 'ACTION', 'BY', 'CREATED', 'RATIONALE'], ...rows.map(cells)]).join('\n')
}

/** One proposal in one line, as `watch` prints it. */
export function proposalLine(row: ProposalRow): string {
  return cells(row).join('  ')
}

function cells(row: ProposalRow): readonly string[] {
  return [
    row.id,
    standing(row),
    row.risk,
    visibleName(row.actionType),
    visibleName(row.source),
    row.createdAt,
    visibleLine(shortened(row.rationale)),
  ]
}

function standing({ status, approvals, approvalsNeeded, timedOut, reason }: ProposalRow): string {
  if (status === 'proposed' && approvals > 0) return `${status} (${approvals} of ${approvalsNeeded})`
  if (status === 'proposed' && timedOut) return `${status} (waited too long)`
  return reason?.code === undefined ? status : `${status} (${visibleName(reason.code)})`
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > MOST_RATIONALE ? `${line.slice(0, MOST_RATIONALE - 3)}...` : line
}
