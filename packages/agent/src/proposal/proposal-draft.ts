import type { JsonValue, Plan } from '@janus/core'
import { planDigest, planSchema } from '@janus/core/schemas'
import * as z from '@janus/core/zod'
import type { Action, ToolAction } from '../contract/action.js'
import type { GovernanceChange } from '../contract/governance.js'
import type { ProposalContent } from '../contract/proposal.js'
import { agentError } from '../errors/agent-error.js'
import { normaliseActionType } from './normalise-action-type.js'

const MOST_TEXT = 20_000
const MOST_ARGUMENTS = 500
const MOST_METADATA_BYTES = 64 * 1024
const MOST_DEPTH = 64
const MOST_PROBLEM = 300

/** What an author could pass a proposal off with as something that was signed. */
const RESERVED = ['playbook_id', 'playbook_name', 'original_action_type'] as const

const text = z.string().max(MOST_TEXT)
const name = z.string().min(1).max(200)
const args = z.array(z.string().max(131_071)).max(MOST_ARGUMENTS)
const kwargs = z.record(z.string().max(200), z.json())
const network = z.array(z.string().min(1).max(253)).max(100)
const rollback = z.strictObject({
  tool_name: name,
  tool_args: args.default([]),
  tool_kwargs: kwargs.default({}),
})

/** A proposal as its author writes it, by the names of the documents. Exactly one of `tool_name` and `plan` says what is to be done. */
const draftSchema = z.strictObject({
  mission_context: text,
  action_type: z.string().max(200),
  rationale: text,
  expected_outcome: text.default(''),
  risk_level: z.enum(['low', 'medium', 'high']),
  risk_mitigation: text.default(''),
  rollback_plan: text.default(''),
  tool_name: name.optional(),
  tool_args: args.optional(),
  tool_kwargs: kwargs.optional(),
  network: network.optional(),
  plan: planSchema.optional(),
  accept: z.array(name).max(1000).optional(),
  /** What a failure runs; `null` says that there is nothing to undo, and nothing at all says nothing. */
  rollback: rollback.nullable().optional(),
  metadata: z.record(z.string().max(200), z.json()).default({}),
})

/** A draft that has the right form. Nothing in it is believed yet. */
export interface ParsedDraft extends Omit<ProposalContent, 'vesselId'> {
  /** False when the author did not even say that there is nothing to undo. */
  readonly saysRollback: boolean
}

/**
 * Reads a draft.
 * @param draft as it came: from a model, a file, another process
 * @throws JANUS_AGENT_PROPOSAL_INVALID naming the member, with `rule: 'form'` in its data
 */
export function parseProposalDraft(draft: unknown): ParsedDraft {
  refuseDepth(draft)
  const parsed = draftSchema.safeParse(draft)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const member = issue?.path.map(String).join('.') ?? ''
    const problem = `${member === '' ? 'the draft' : member}: ${issue?.message ?? 'has another form'}`
    // It goes on the record, and holds words of the author.
    throw malformed(problem.slice(0, MOST_PROBLEM).replace(/\p{Surrogate}/gu, '\ufffd'))
  }
  const given = parsed.data
  refuseUnprintable(given)
  const reserved = RESERVED.find((key) => Object.hasOwn(given.metadata, key))
  if (reserved !== undefined) throw malformed(`metadata.${reserved}: is written by the agent alone`)
  if (Buffer.byteLength(JSON.stringify(given.metadata)) > MOST_METADATA_BYTES)
    throw malformed(`metadata: is larger than ${MOST_METADATA_BYTES} bytes`)
  const actionType = normaliseActionType(given.action_type)
  const metadata = { ...given.metadata, original_action_type: given.action_type }
  return {
    missionContext: given.mission_context,
    actionType,
    rationale: given.rationale,
    expectedOutcome: given.expected_outcome,
    declaredRisk: given.risk_level,
    riskMitigation: given.risk_mitigation,
    rollbackPlan: given.rollback_plan,
    action: actionOf(given),
    rollback: given.rollback === undefined || given.rollback === null ? null : toolActionOf(given.rollback),
    saysRollback: given.rollback !== undefined,
    metadata: metadata as Readonly<Record<string, JsonValue>>,
  }
}

/** The content of a proposal that changes the rules; it is never written by a model. */
export function governanceContent(
  change: GovernanceChange,
  rationale: string,
): Omit<ParsedDraft, 'saysRollback' | 'metadata'> {
  return {
    missionContext: 'Change of the rules of the agent',
    actionType: 'security_change',
    rationale,
    expectedOutcome: `The change of the ${change.subject} is in effect after its review time`,
    declaredRisk: 'high',
    riskMitigation: 'It is reviewed, takes effect later, and can be cancelled until then',
    rollbackPlan: 'A change back is proposed in the same way',
    action: { kind: 'governance', change },
    rollback: null,
  }
}

function actionOf(given: z.output<typeof draftSchema>): Action {
  const { plan, accept, tool_name, tool_args, tool_kwargs, network: domains } = given
  if ((plan === undefined) === (tool_name === undefined))
    throw malformed('exactly one of tool_name and plan says what is to be done')
  if (plan === undefined) return toolActionOf({ tool_name: tool_name ?? '', tool_args, tool_kwargs, network: domains })
  if (tool_args !== undefined || tool_kwargs !== undefined || domains !== undefined)
    throw malformed('tool_args, tool_kwargs and network are for tools, and this is a plan')
  return { kind: 'module', plan: requireOwnDigest(plan), accept: accept ?? [] }
}

function toolActionOf(given: {
  readonly tool_name: string
  readonly tool_args?: readonly string[] | undefined
  readonly tool_kwargs?: Readonly<Record<string, unknown>> | undefined
  readonly network?: readonly string[] | undefined
}): ToolAction {
  return {
    kind: 'tool',
    tool: given.tool_name,
    args: given.tool_args ?? [],
    kwargs: (given.tool_kwargs ?? {}) as ToolAction['kwargs'],
    network: given.network ?? [],
  }
}

function requireOwnDigest(plan: Plan): Plan {
  if (planDigest(plan) === plan.digest) return plan
  throw malformed(`plan: its digest is not ${plan.digest}`)
}

/** What lies too deep, or holds itself, ends whoever walks it member by member. */
function refuseDepth(draft: unknown): void {
  let level = new Set<unknown>([draft])
  for (let depth = 0; level.size > 0; depth += 1) {
    if (depth > MOST_DEPTH) throw malformed(`values lie in each other more than ${MOST_DEPTH} deep`)
    const objects = [...level].filter((value): value is object => typeof value === 'object' && value !== null)
    level = new Set(objects.flatMap((value) => Object.values(value) as readonly unknown[]))
  }
}

/** What no ledger and no argument list can hold: a NUL, half of a character. */
function refuseUnprintable(value: unknown): void {
  if (typeof value === 'string') {
    if (value.includes('\0')) throw malformed('a text holds a NUL')
    if (/\p{Surrogate}/u.test(value)) throw malformed('a text holds half of a character')
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      refuseUnprintable(key)
      refuseUnprintable(member)
    }
  }
}

function malformed(problem: string): Error {
  return agentError('JANUS_AGENT_PROPOSAL_INVALID', problem, { data: { rule: 'form' } })
}
