import type { ProposalStatus } from '../contract/proposal.js'

/** The seven statuses of the documents. */
export type DocumentStatus = 'draft' | 'proposed' | 'approved' | 'rejected' | 'executing' | 'completed' | 'failed'

const DOCUMENT_STATUS: Readonly<Record<ProposalStatus, DocumentStatus>> = {
  draft: 'draft',
  proposed: 'proposed',
  approved: 'approved',
  rejected: 'rejected',
  executing: 'executing',
  completed: 'completed',
  failed: 'failed',
  // Not up for review and not to be run, until somebody puts it up again.
  suspended: 'draft',
  // Will never run.
  expired: 'rejected',
  stale: 'rejected',
  cancelled: 'rejected',
  // It may have done anything.
  unknown: 'failed',
}

/** A status as the documents know it: never one that promises more than the own one does. */
export function documentStatus(status: ProposalStatus): DocumentStatus {
  return DOCUMENT_STATUS[status]
}
