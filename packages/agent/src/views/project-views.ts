import type { ProposalRecord } from '../contract/proposal.js'
import type { ResolvedAction } from '../contract/warrant.js'
import { sourceOf } from '../local/proposal-rows.js'
import { ENDS } from '../proposal/transition-table.js'
import type { RecordedEvent } from '../record/agent-event.js'
import type { AgentState } from '../record/agent-state.js'
import { followProposal, proposalOf } from '../record/follow-proposal.js'
import { type AgentLogDetail, agentLogLine } from './agent-log-line.js'
import { missionLine } from './mission-line.js'
import { type EndedExecution, proposalLine, queueLine } from './proposal-lines.js'
import { toolUseLine } from './tool-use-line.js'

/** The views that only ever grow. */
export const APPENDED_VIEWS = ['missionLog', 'toolLog', 'proposalsLog'] as const

/** Name of a view that only ever grows. */
export type AppendedView = (typeof APPENDED_VIEWS)[number]

/** Lines that one event adds, each with its newline; what it adds nothing to is left out. */
export type ViewLines = Readonly<Partial<Record<AppendedView | 'agentLog', string>>>

/** Makes lines of events: the same events give the same lines, to the byte, whoever makes them and when. */
export interface ViewProjection {
  /** The next event of the record. */
  project(event: RecordedEvent): ViewLines
  /** The approval queue as it is now: one line for each proposal that waits, the oldest first. */
  queue(): readonly string[]
  /** Line in the approval queue of the proposal that an event was about, if it waits now. */
  queueLineAfter(event: RecordedEvent): string | undefined
}

interface Followed {
  readonly record: ProposalRecord
  readonly tool?: string
  readonly workspace?: string
  readonly execution?: EndedExecution
}

/**
 * Holds what is open, not what has been.
 * @param options.from the state to go on from; left out: before the first event
 */
export function projectViews({ from, ...detail }: AgentLogDetail & { readonly from?: AgentState }): ViewProjection {
  const open = new Map<string, Followed>()
  for (const [id, record] of from?.open ?? []) open.set(id, { record })
  for (const warrant of from?.warrants.values() ?? []) {
    const followed = open.get(warrant.proposalId)
    if (followed !== undefined) open.set(warrant.proposalId, { ...followed, ...programOf(warrant.action) })
  }
  let vesselId = from?.vesselId ?? ''

  const follow = (event: RecordedEvent): Followed | undefined => {
    const id = proposalOf(event)
    if (id === undefined) return undefined
    const before = open.get(id)
    const record = followProposal(before?.record, event)
    if (record === undefined) return undefined
    const followed = { ...before, record, ...learned(event) }
    if (ENDS.has(record.status) || record.status === 'draft') open.delete(id)
    else open.set(id, followed)
    return followed
  }

  const waiting = (followed: Followed | undefined): string | undefined =>
    followed?.record.status === 'proposed' ? queueLine(followed.record) : undefined

  return {
    project: (event) => {
      if (event.type === 'record-created') vesselId = event.payload.vesselId
      const followed = follow(event)
      return {
        ...lineOf('missionLog', missionLine(event, followed?.record, vesselId)),
        ...lineOf('toolLog', toolUse(event, followed, vesselId)),
        ...lineOf('proposalsLog', proposalChange(event, followed)),
        ...lineOf('agentLog', agentLogLine(event, followed?.record, vesselId, detail)),
      }
    },
    queue: () => [...open.values()].flatMap((followed) => waiting(followed) ?? []),
    queueLineAfter: (event) => waiting(open.get(proposalOf(event) ?? '')),
  }
}

/** What an event tells of a run, beside where its proposal stands. */
function learned(event: RecordedEvent): Partial<Followed> {
  switch (event.type) {
    case 'warrant-issued':
      return programOf(event.payload.warrant.action)
    case 'execution-ended':
      return { execution: { result: event.payload.result, at: event.at } }
    default:
      return {}
  }
}

function programOf(action: ResolvedAction): Partial<Followed> {
  return action.kind === 'tool' ? { tool: action.binary.path, workspace: action.workspace } : {}
}

function toolUse(event: RecordedEvent, followed: Followed | undefined, vesselId: string): string | undefined {
  if (event.type !== 'execution-ended') return undefined
  const { proposal, result } = event.payload
  const tool = followed?.tool ?? (followed && sourceOf(followed.record.proposal.content.action)) ?? 'unknown'
  return toolUseLine({ vesselId, proposal, tool, workspace: followed?.workspace ?? null }, { result, at: event.at })
}

/** A repetition that was set aside adds no line: fifty of them would be fifty lines. */
function proposalChange({ type }: RecordedEvent, followed: Followed | undefined): string | undefined {
  if (type !== 'proposal-created' && type !== 'proposal-moved') return undefined
  if (followed === undefined || followed.record.status === 'draft') return undefined
  return proposalLine(followed.record, followed.execution)
}

function lineOf(view: keyof ViewLines, line: string | undefined): ViewLines {
  return line === undefined ? {} : { [view]: line }
}
