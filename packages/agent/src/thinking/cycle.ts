import { isJanusError, type JanusError } from '@janus/core'
import type { ThinkingRefusal } from '../contract/thinking.js'

/** What came of a cycle so far. */
export interface Cycle {
  /** Ids of proposals. */
  readonly proposed: string[]
  readonly refused: ThinkingRefusal[]
}

/** Whether an error is what `propose` says of a draft, or of the moment: a cycle tells it and goes on. */
export function isRefusal(error: unknown): error is JanusError {
  return isJanusError(error) && REFUSALS.has(error.code)
}

const REFUSALS: ReadonlySet<string> = new Set([
  'JANUS_AGENT_PROPOSAL_INVALID',
  'JANUS_AGENT_QUEUE_FULL',
  'JANUS_AGENT_NOT_PERMITTED',
  'JANUS_AGENT_FROZEN',
])
