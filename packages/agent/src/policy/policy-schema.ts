import * as z from '@janus/core/zod'
import type { Policy } from '../contract/policy.js'
import { agentError } from '../errors/agent-error.js'
import { MOST_BEGUN } from '../record/agent-state.js'

const MOST_RULES = 500
const name = z.string().min(1).max(200)
const names = z.array(name).max(1000)
const repeat = z.boolean().optional()
const directory = z.string().regex(/^\/(?!.*\/\.\.(\/|$))[^\0]*$/, 'must be an absolute path without ".."')
const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM')

const argument = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('literal'), value: z.string().max(4096), repeat }),
  z.strictObject({ kind: z.literal('one-of'), values: z.array(z.string().max(4096)).min(1).max(1000), repeat }),
  z.strictObject({ kind: z.literal('integer'), min: z.int().optional(), max: z.int().optional(), repeat }),
  z.strictObject({ kind: z.literal('path'), below: z.array(directory).min(1).max(100), repeat }),
  z.strictObject({ kind: z.literal('text'), maxLength: z.int().min(0).max(131_071), repeat }),
])

const conditions = z.strictObject({
  actionKinds: z
    .array(z.enum(['tool', 'module', 'governance']))
    .max(3)
    .optional(),
  actionTypes: names.optional(),
  tools: names.optional(),
  modules: names.optional(),
  args: z.array(argument).max(200).optional(),
  paths: z.array(directory).max(1000).optional(),
  network: names.optional(),
  maxRisk: z.enum(['low', 'medium', 'high']).optional(),
  modes: z
    .array(z.enum(['alpha', 'beta', 'omega']))
    .max(3)
    .optional(),
  time: z
    .strictObject({
      from: clock,
      to: clock,
      days: z.array(z.int().min(0).max(6)).max(7).optional(),
      timeZone: z.enum(['utc', 'local']),
    })
    .optional(),
  budget: z
    .strictObject({
      actions: z.int().min(0).max(MOST_BEGUN),
      seconds: z
        .int()
        .min(1)
        .max(366 * 86_400),
    })
    .optional(),
})

const rule = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be in kebab-case'),
  effect: z.enum(['allow', 'deny']),
  when: conditions,
  because: z.string().min(1).max(1000),
})

/** Schema of a policy, for one that comes from outside. */
export const policySchema = z
  .strictObject({ schema: z.literal('janus.policy/1'), name, rules: z.array(rule).max(MOST_RULES) })
  .refine(({ rules }) => new Set(rules.map(({ id }) => id)).size === rules.length, 'two rules have the same id')

/**
 * Reads a policy.
 * @throws JANUS_AGENT_POLICY_INVALID naming the member
 */
export function parsePolicy(value: unknown): Policy {
  const parsed = policySchema.safeParse(value)
  if (parsed.success) return parsed.data as Policy
  const [issue] = parsed.error.issues
  const member = issue?.path.map(String).join('.') ?? ''
  throw agentError('JANUS_AGENT_POLICY_INVALID', `${member === '' ? 'the policy' : member}: ${issue?.message ?? ''}`, {
    data: { member },
  })
}
