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
  /** Whether plans of this module may be asked for. Default: of none. */
  isModule?(id: string): boolean
}

/** A plan that a model asks for: the module makes it, never the model. */
export interface PlanRequest {
  readonly module: string
  /** Untrusted: the module's own schema reads them. */
  readonly options: Readonly<Record<string, JsonValue>>
  /** The draft of the proposal but for its plan. */
  readonly draft: Readonly<Record<string, JsonValue>>
}

/** What is in a reply. */
export interface ModelReply {
  /** To be proposed, each a value that `parseProposalDraft` takes. */
  readonly drafts: readonly JsonValue[]
  /** Plans that are to be made first, each for one proposal. */
  readonly plans: readonly PlanRequest[]
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
  'module_name',
  'module_options',
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
  const plans: PlanRequest[] = []
  const refused: string[] = []
  for (const [index, one] of offered.slice(0, mostProposals).entries()) {
    const read = offerOf(one, bounds)
    if (typeof read === 'string') {
      if (refused.length < MOST_TOLD) refused.push(`proposal ${index + 1}: ${read}`)
    } else if ('draft' in read) plans.push(read)
    else drafts.push(read.tool)
  }
  if (offered.length > mostProposals)
    refused.push(`the reply has ${offered.length} proposals, more than ${mostProposals}: the others are not taken`)
  return { drafts, plans, refused }
}

function nothing(why: string): ModelReply {
  return { drafts: [], plans: [], refused: [why] }
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

/** A proposal of the model, for a tool or for a module's plan, or why it is none. */
function offerOf(offered: JsonValue, bounds: ModelReplyBounds): { readonly tool: JsonValue } | PlanRequest | string {
  if (typeof offered !== 'object' || offered === null || Array.isArray(offered)) return 'it is not an object'
  const members = offered as Readonly<Record<string, JsonValue>>
  const foreign = Object.keys(members).find((member) => !MEMBERS.has(member))
  if (foreign !== undefined) return `a model does not write the member ${JSON.stringify(foreign)}`
  const draft = { ...members, mission_context: bounds.missionContext }
  return Object.hasOwn(members, 'module_name') ? planRequest(draft, bounds) : toolDraft(draft, bounds)
}

function toolDraft(
  draft: Readonly<Record<string, JsonValue>>,
  { isTool }: ModelReplyBounds,
): { readonly tool: JsonValue } | string {
  const { tool_name: tool } = draft
  if (typeof tool !== 'string' || !isTool(tool)) return `there is no tool ${JSON.stringify(tool ?? null)}`
  if (Object.hasOwn(draft, 'module_options')) return 'module_options are for a module, and it names a tool'
  try {
    parseProposalDraft(draft)
    return { tool: draft }
  } catch (error) {
    if (isJanusError(error)) return error.message
    throw error
  }
}

const TOOL_MEMBERS = ['tool_name', 'tool_args', 'tool_kwargs', 'network', 'rollback']

function planRequest(
  { module_name: module, module_options: options = {}, ...draft }: Readonly<Record<string, JsonValue>>,
  { isModule = () => false }: ModelReplyBounds,
): PlanRequest | string {
  if (typeof module !== 'string' || !isModule(module)) return `there is no module ${JSON.stringify(module ?? null)}`
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    return 'module_options is not an object'
  const other = TOOL_MEMBERS.find((member) => Object.hasOwn(draft, member))
  if (other !== undefined) return `${other} is for a tool, and it names a module`
  return { module, options: options as PlanRequest['options'], draft: draft as PlanRequest['draft'] }
}
