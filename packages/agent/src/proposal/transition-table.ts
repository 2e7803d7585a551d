import { PROPOSAL_STATUSES, type ProposalStatus } from '../contract/proposal.js'

/** Where each status may lead. What is not here is illegal; a status without a successor is an end. */
export const TRANSITIONS: Readonly<Record<ProposalStatus, readonly ProposalStatus[]>> = {
  draft: ['proposed', 'cancelled'],
  proposed: ['approved', 'rejected', 'suspended', 'expired', 'stale', 'cancelled'],
  approved: ['executing', 'rejected', 'suspended', 'expired', 'stale', 'cancelled'],
  executing: ['completed', 'failed', 'suspended', 'unknown'],
  suspended: ['proposed', 'rejected', 'cancelled'],
  unknown: ['completed', 'failed'],
  rejected: [],
  completed: [],
  failed: [],
  expired: [],
  stale: [],
  cancelled: [],
}

/** True when a proposal may go from one status to the other. */
export function isTransition(from: ProposalStatus, to: ProposalStatus): boolean {
  return TRANSITIONS[from].includes(to)
}

/** The statuses that nothing follows. */
export const ENDS: ReadonlySet<ProposalStatus> = new Set(
  PROPOSAL_STATUSES.filter((status) => TRANSITIONS[status].length === 0),
)
