import type { ProposalRow } from '../../contract/agent.js'
import { shortLine } from '../../review/short-line.js'
import { visibleName } from '../../review/visible-text.js'
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
    shortLine(row.rationale.replace(/\s+/g, ' ').trim(), MOST_RATIONALE),
  ]
}

function standing({ status, approvals, approvalsNeeded, timedOut, reason }: ProposalRow): string {
  if (status === 'proposed' && approvals > 0) return `${status} (${approvals} of ${approvalsNeeded})`
  if (status === 'proposed' && timedOut) return `${status} (waited too long)`
  return reason?.code === undefined ? status : `${status} (${visibleName(reason.code)})`
}
