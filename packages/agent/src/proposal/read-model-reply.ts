import { isJanusError, type JsonValue } from '@janus/core'
import { parseJson } from '../json/parse-json.js'
import { parseProposalDraft } from './proposal-draft.js'

/** What a model may say at most, and what it may speak of. */
export interface ModelReplyBounds {
  /** Proposals that are taken of one reply; what comes after them is refused. */
  readonly mostProposals: number
  /** Bytes of the reply; one that is longer is refused whole. Default: 262144. */
  readonly mostBytes?: number
  /** For what the proposals are: said by the agent, never by the model. */
  readonly missionContext: string
  /** Whether a tool of this name is configured. */
  isTool(name: string): boolean
}

/** What is in a reply. */
export interface ModelReply {
  /** To be proposed, each a value that `parseProposalDraft` takes. */
  readonly drafts: readonly JsonValue[]
  /** What is not taken and why; holds text of the model. */
  readonly refused: readonly string[]
}

const MOST_BYTES = 256 * 1024
const MOST_DEPTH = 16
const MOST_TOLD = 20
/** A plan, its losses and metadata are never written by a model. */
const MEMBERS: ReadonlySet<string> = new Set([
  'action_type',
  'rationale',
  'expected_outcome',
  'risk_level',
  'risk_mitigation',
  'rollback_plan',
  'tool_name',
  'tool_args',
  'tool_kwargs',
  'network',
  'rollback',
])

/**
 * Reads the reply of a language model as proposals: JSON and nothing else, an array of proposals, an object with such an array as `proposals`, or one proposal; a code
 * fence around it is taken off. What a model says is data: a reply that is none of that yields no proposal, and never an error.
 * @param reply bytes as they came, or text
 */
export function readModelReply(reply: Uint8Array | string, bounds: ModelReplyBounds): ModelReply {
  const { mostBytes = MOST_BYTES, mostProposals } = bounds
  const bytes = typeof reply === 'string' ? Buffer.byteLength(reply) : reply.byteLength
  if (bytes > mostBytes) return nothing(`the reply has ${bytes} bytes, more than ${mostBytes}`)
  const offered = offeredIn(reply)
  if (typeof offered === 'string') return nothing(offered)
  const drafts: JsonValue[] = []
  const refused: string[] = []
  for (const [index, one] of offered.slice(0, mostProposals).entries()) {
    const read = draftOf(one, bounds)
    if (typeof read !== 'string') drafts.push(read)
    else if (refused.length < MOST_TOLD) refused.push(`proposal ${index + 1}: ${read}`)
  }
  if (offered.length > mostProposals)
    refused.push(`the reply has ${offered.length} proposals, more than ${mostProposals}: the others are not taken`)
  return { drafts, refused }
}

function nothing(why: string): ModelReply {
  return { drafts: [], refused: [why] }
}

/** The proposals as they were offered, or why there are none. */
function offeredIn(reply: Uint8Array | string): readonly JsonValue[] | string {
  try {
    const text = typeof reply === 'string' ? reply : new TextDecoder('utf-8', { fatal: true }).decode(reply)
    const value = parseJson(withoutFence(text.trim()), { depth: MOST_DEPTH })
    if (Array.isArray(value)) return value
    if (typeof value !== 'object' || value === null) return 'the reply is JSON, and no proposal'
    if (!Object.hasOwn(value, 'proposals')) return [value]
    const { proposals, ...others } = value as Readonly<Record<string, JsonValue>>
    const [other] = Object.keys(others)
    if (other !== undefined) return `the reply has the member ${JSON.stringify(other)} beside its proposals`
    return Array.isArray(proposals) ? proposals : 'proposals is not an array'
  } catch (error) {
    return `the reply is not JSON: ${error instanceof Error ? error.message : String(error)}`
  }
}

function withoutFence(text: string): string {
  const [, inner] = /^```(?:json)?[ \t]*\n([\s\S]*)\n```$/.exec(text) ?? []
  return inner ?? text
}

/** A proposal of the model as a draft of the agent, or why it is none. */
function draftOf(offered: JsonValue, { missionContext, isTool }: ModelReplyBounds): JsonValue | string {
  if (typeof offered !== 'object' || offered === null || Array.isArray(offered)) return 'it is not an object'
  const foreign = Object.keys(offered).find((member) => !MEMBERS.has(member))
  if (foreign !== undefined) return `a model does not write the member ${JSON.stringify(foreign)}`
  const { tool_name: tool } = offered as Readonly<Record<string, JsonValue>>
  if (typeof tool !== 'string' || !isTool(tool)) return `there is no tool ${JSON.stringify(tool ?? null)}`
  const draft = { ...offered, mission_context: missionContext }
  try {
    parseProposalDraft(draft)
    return draft
  } catch (error) {
    if (isJanusError(error)) return error.message
    throw error
  }
}
