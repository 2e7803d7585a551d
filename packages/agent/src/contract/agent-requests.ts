import * as z from '@janus/core/zod'
import type { AgentMethod } from './agent.js'
import { enrolledKeySchema, governanceChangeSchema } from './governance-schema.js'
import { PROPOSAL_STATUSES } from './proposal.js'

const PROPOSAL_ID = /^janus-[0-9a-f]{12}$/
const KEY_ID = /^[0-9a-f]{16}$/
const MOST_REASON = 4000
const MOST_NAME = 200
const MOST_SIGNATURES = 32

const proposal = z.string().regex(PROPOSAL_ID)
const keyId = z.string().regex(KEY_ID)
const reason = z.string().min(1).max(MOST_REASON)
const label = z.string().min(1).max(MOST_NAME)
const name = z.string().min(1).max(MOST_NAME)
const at = z.string().max(40)
const mode = z.enum(['alpha', 'beta', 'omega'])
const signature = z.strictObject({ keyId, signature: z.string().max(120) })
const signed = z.strictObject({ keyId, signature: z.string().max(120), at })
const nothing = z.strictObject({})

/** The shape of each request that crosses the socket, by its method. */
export const AGENT_REQUESTS = {
  propose: z.strictObject({ draft: z.json() }),
  list: z.strictObject({
    statuses: z.array(z.enum(PROPOSAL_STATUSES)).max(PROPOSAL_STATUSES.length).optional(),
    source: name.optional(),
    limit: z.int().min(1).max(1000).optional(),
  }),
  show: z.strictObject({ proposal }),
  review: z.strictObject({ proposal, program: z.enum(['janus agent', 'ubos']).optional() }),
  approve: z.strictObject({
    proposal,
    digest: z.string().regex(/^[0-9a-f]{8,64}$/),
    allowStale: z.boolean().optional(),
    label: label.optional(),
    signed: signed.optional(),
  }),
  reject: z.strictObject({
    proposal,
    reason,
    digest: z
      .string()
      .regex(/^[0-9a-f]{8,64}$/)
      .optional(),
    withdraw: z.boolean().optional(),
    label: label.optional(),
    signed: signed.optional(),
  }),
  cancel: z.strictObject({ proposal, reason }),
  resubmit: z.strictObject({ proposal, reason }),
  reconcile: z.strictObject({ proposal, reason, outcome: z.enum(['completed', 'failed']) }),
  rollback: z.strictObject({ proposal, reason }),
  think: nothing,
  status: nothing,
  showMode: nothing,
  promoteMode: z.strictObject({ to: mode, reason, at, signatures: z.array(signature).max(MOST_SIGNATURES) }),
  demoteMode: z.strictObject({ to: mode, reason }),
  explainPolicy: z.strictObject({ draft: z.json(), policy: z.json().optional() }),
  proposeChange: z.strictObject({ change: governanceChangeSchema, rationale: reason }),
  showRules: nothing,
  listKeys: nothing,
  enrolKey: z.strictObject({ key: enrolledKeySchema, rationale: reason }),
  revokeKey: z.strictObject({ keyId, reason }),
  verifyRecord: nothing,
  thaw: z.strictObject({ reason }),
  stop: z.strictObject({ reason }),
  resume: z.strictObject({ reason }),
  resetRelief: z.strictObject({ reason }),
} as const satisfies Record<AgentMethod, z.ZodType>

/** The shape of a request to watch. */
export const WATCH_REQUEST = z.strictObject({ source: name.optional() })
