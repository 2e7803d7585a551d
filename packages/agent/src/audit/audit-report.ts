import { isJanusError } from '@janus/core'
import { readSegments } from '@janus/core/ledger'
import type { ModeEvidence, OperationalMode } from '../contract/mode.js'
import type { ProposalStatus } from '../contract/proposal.js'
import { recordedEvent } from '../record/agent-record.js'
import { collectReport } from './collect-report.js'

/** What a report is about. */
export interface AuditReportOptions {
  /** Directory of the record's files; absolute. */
  readonly directory: string
  /** Only what happened since. Default: everything. */
  readonly since?: Date
}

/** What happened, by the record. Texts in it are as they were recorded, and not fit for a terminal: see `auditText`. */
export interface AuditReport {
  readonly recordId: string | null
  readonly vesselId: string | null
  /** ISO 8601; null for the whole record. */
  readonly since: string | null
  /** Time of the newest event; null without one. */
  readonly until: string | null
  readonly lastSeq: number
  /** Events in the period. */
  readonly events: number
  /** Why the record could not be read to its end; the report is about what stands before. */
  readonly damage: string | null
  readonly mode: OperationalMode
  readonly proposals: ProposalsReported
  /** By who decided, the most decisions first. */
  readonly decisions: readonly DecisionsReported[]
  /** By code, the most first. */
  readonly refusals: readonly RefusalsReported[]
  readonly violations: Listed<ViolationReported>
  readonly modes: Listed<ModeChangeReported>
  readonly rules: Listed<RuleChangeReported>
  readonly executions: ExecutionsReported
  readonly notifications: { readonly sent: number; readonly failed: number }
  readonly alarms: Listed<{ readonly at: string; readonly path: string; readonly summary: string }>
  readonly clock: { readonly steps: number; readonly largestSeconds: number }
  readonly checkpoints: {
    readonly signed: number
    readonly newest: { readonly size: number; readonly at: string } | null
  }
  /** How often a process opened the record to work with it, and how often an end that a crash left was cut. */
  readonly openings: { readonly opened: number; readonly repaired: number }
}

/** The newest of something, and how many there were. */
export interface Listed<Item> {
  readonly total: number
  /** Oldest first; at most 100. */
  readonly newest: readonly Item[]
}

/** What became of proposals in the period. */
export interface ProposalsReported {
  readonly created: number
  /** Repetitions that were set aside. */
  readonly repeated: number
  readonly timedOut: number
  /** How often a proposal was moved to each status. */
  readonly moved: Readonly<Partial<Record<ProposalStatus, number>>>
  /** Waiting for a decision at the end. */
  readonly waiting: number
}

/** Decisions of one person, or of one rule. */
export interface DecisionsReported {
  /** With the number or id that says who it is. */
  readonly by: string
  readonly approved: number
  readonly rejected: number
  /** Seconds from being put up for review to the decision. */
  readonly medianSeconds: number
  readonly fastestSeconds: number
  readonly slowestSeconds: number
}

/** Refusals of one code. */
export interface RefusalsReported {
  readonly code: string
  readonly count: number
  /** The newest. */
  readonly at: string
  readonly by: string
  readonly summary: string
}

/** One violation. */
export interface ViolationReported {
  readonly at: string
  readonly code: string
  readonly summary: string
  readonly by: string
  readonly proposal?: string
}

/** A change of the mode, or a request for one, with what opened its gate. */
export interface ModeChangeReported {
  readonly at: string
  readonly what: 'changed' | 'requested' | 'request cancelled'
  readonly to: OperationalMode | null
  readonly by: string
  readonly because: string
  readonly evidence: ModeEvidence | null
}

/** A change of the rules that took effect. */
export interface RuleChangeReported {
  readonly at: string
  readonly what: string
  readonly by: string
}

/** Runs. */
export interface ExecutionsReported {
  readonly started: number
  readonly completed: number
  readonly failed: number
  /** Nobody knows how they ended. */
  readonly unknown: number
  readonly suspended: number
  readonly failures: Listed<{
    readonly at: string
    readonly proposal: string
    readonly code: string
    readonly summary: string
  }>
}

/**
 * What happened, from the files of the record alone: takes no lock and writes nothing, so a copy on any machine will do. For a day, a month, or ever since.
 * @throws JANUS_AGENT_RECORD_FOREIGN for an event of a type that is not known; JANUS_STATE_DENIED; JANUS_STATE_UNSAFE
 */
export async function auditReport({ directory, since }: AuditReportOptions): Promise<AuditReport> {
  const report = collectReport(since)
  try {
    for await (const line of readSegments(directory)) {
      const event = recordedEvent(line)
      if (event === undefined) report.takeOwn(line)
      else report.take(event)
    }
  } catch (error) {
    if (!isJanusError(error) || error.code !== 'JANUS_LEDGER_DAMAGED') throw error
    return report.finish(error.message)
  }
  return report.finish(null)
}
