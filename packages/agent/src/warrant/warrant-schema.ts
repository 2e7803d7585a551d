import * as z from '@janus/core/zod'
import type { ResolvedGovernance, ResolvedPlan, ResolvedTool, Warrant } from '../contract/warrant.js'

/** A field that the contract has and the schema has not does not compile, nor the other way round. */
type Fields<Type> = Record<keyof Type, z.ZodType>

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const time = z.string()
const count = z.number().min(0)

const actor = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('user'), uid: z.int().min(0), name: z.string() }),
  z.strictObject({ kind: z.literal('key'), keyId: z.string(), name: z.string() }),
  z.strictObject({ kind: z.literal('agent'), name: z.string() }),
  z.strictObject({ kind: z.literal('system'), name: z.string() }),
])

const resolvedTool = z.strictObject({
  kind: z.literal('tool'),
  tool: z.string(),
  binary: z.strictObject({
    path: z.string(),
    device: z.number(),
    inode: z.number(),
    size: z.number(),
    modified: z.string(),
    sha256,
  }),
  argv: z.array(z.string()),
  manifest: sha256,
  workspace: z.string(),
  environment: z.array(z.string()),
  limits: z.strictObject({
    cpuSeconds: count,
    wallSeconds: count,
    memoryBytes: count,
    diskBytes: count,
    cpuPercent: count,
    processes: count,
  }),
  network: z.array(z.string()),
} satisfies Fields<ResolvedTool>)

const resolvedPlan = z.strictObject({
  kind: z.literal('module'),
  planDigest: sha256,
  accept: z.array(z.string()),
} satisfies Fields<ResolvedPlan>)

const resolvedGovernance = z.strictObject({
  kind: z.literal('governance'),
  changeDigest: sha256,
  effectiveFrom: time,
} satisfies Fields<ResolvedGovernance>)

const resolvedAction = z.discriminatedUnion('kind', [resolvedTool, resolvedPlan, resolvedGovernance])

/** The shape of a {@link Warrant}: what is compared at the moment of execution is exactly what stands here. */
export const WARRANT_SCHEMA = z.strictObject({
  schema: z.literal('janus.warrant/1'),
  nonce: sha256,
  vesselId: z.string(),
  recordId: z.string(),
  proposalId: z.string(),
  proposalDigest: sha256,
  action: resolvedAction,
  rollback: z.union([resolvedAction, z.null()]),
  policy: z.string(),
  playbook: z.union([z.string(), z.null()]),
  config: z.string(),
  sandboxProfile: z.string(),
  mode: z.enum(['alpha', 'beta', 'omega']),
  approvers: z.array(actor).min(1),
  notBefore: time,
  expires: time,
  bootId: z.union([z.string(), z.null()]),
  monotonic: z.number(),
  attempts: z.literal(1),
  digest: sha256,
} satisfies Fields<Warrant>)
