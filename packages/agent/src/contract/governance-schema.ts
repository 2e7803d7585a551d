import * as z from '@janus/core/zod'
import { policySchema } from '../policy/policy-schema.js'
import type { GovernanceChange } from './governance.js'

const digest = z.string().regex(/^[0-9a-f]{64}$/)
const keyId = z.string().regex(/^[0-9a-f]{16}$/)
const name = z.string().min(1).max(200)
const mode = z.enum(['alpha', 'beta', 'omega'])
const number = z.number()

/** Schema of a public key that is to be enrolled. */
export const enrolledKeySchema = z.strictObject({
  keyId,
  name,
  publicKey: z.string().max(64),
  roles: z.array(z.enum(['approver', 'recommender', 'first-citizen', 'checkpoint'])).max(4),
  uid: z.int().min(0).optional(),
})

const trigger = z.union([
  z.strictObject({ operator: z.enum(['>', '>=', '<', '<=']), value: number }),
  z.strictObject({ operator: z.enum(['==', '!=']), value: z.union([number, name, z.boolean()]) }),
  z.strictObject({ operator: z.literal('in'), values: z.array(z.union([number, name])).max(1000) }),
  z.strictObject({ operator: z.literal('between'), from: number, to: number }),
])

const playbook = z.strictObject({
  schema: z.literal('janus.playbook/1'),
  playbookId: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/),
  name,
  description: z.string().max(4000),
  triggerConditions: z.record(name, trigger),
  actionSequence: z
    .array(z.strictObject({ tool: name, args: z.array(z.string().max(131_071)).max(500) }))
    .min(1)
    .max(100),
})

/** Schema of a change of the rules, as it crosses the socket. */
export const governanceChangeSchema: z.ZodType<GovernanceChange> = z.union([
  z.strictObject({ subject: z.literal('policy'), from: digest, policy: policySchema }),
  z.strictObject({ subject: z.literal('settings'), from: digest, set: z.record(name, z.json()) }),
  z.strictObject({ subject: z.literal('sandbox-profile'), from: digest, profile: z.record(name, z.json()) }),
  z.strictObject({ subject: z.literal('key'), operation: z.literal('enrol'), key: enrolledKeySchema }),
  z.strictObject({ subject: z.literal('key'), operation: z.literal('revoke'), keyId }),
  z.strictObject({ subject: z.literal('playbook'), operation: z.literal('approve'), playbook }),
  z.strictObject({ subject: z.literal('playbook'), operation: z.literal('revoke'), playbookId: name }),
  z.strictObject({ subject: z.literal('mode'), from: mode, to: mode }),
]) as unknown as z.ZodType<GovernanceChange>
