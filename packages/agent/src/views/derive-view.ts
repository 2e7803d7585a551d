import type { AgentRecord } from '../record/agent-record.js'
import { type AppendedView, projectViews } from './project-views.js'

// Of the agent log, which is not made here.
const DETAIL = { everyEvent: false, proposalReasons: false }
const PIECE = 64 * 1024

/**
 * The lines of a view, made from the record.
 * @param extent.seq of the last event that counts
 * @param extent.from executions before that are left out; ISO 8601, UTC
 */
export async function* deriveView(
  record: AgentRecord,
  view: AppendedView,
  { seq, from }: { readonly seq: number; readonly from: string },
): AsyncIterable<string> {
  const projection = projectViews(DETAIL)
  for await (const event of record.history()) {
    if (event.seq > seq) return
    const line = projection.project(event)[view]
    if (line !== undefined && (view !== 'toolLog' || event.at >= from)) yield line
  }
}

/** Every line that the approval queue had at some time. */
export async function* deriveQueueLines(record: AgentRecord): AsyncIterable<string> {
  const projection = projectViews(DETAIL)
  for await (const event of record.history()) {
    projection.project(event)
    const line = projection.queueLineAfter(event)
    if (line !== undefined) yield line
  }
}

/** Text as bytes, in pieces of some size. */
export async function* piecesOf(lines: Iterable<string> | AsyncIterable<string>): AsyncIterable<Uint8Array> {
  let piece = ''
  for await (const line of lines) {
    piece += line
    if (piece.length < PIECE) continue
    yield Buffer.from(piece)
    piece = ''
  }
  if (piece !== '') yield Buffer.from(piece)
}
