import * as z from '../zod.js'
import { absolutePath, plannedChangeSchema } from './change-schema.js'
import type { JsonValue, Plan } from './plan.js'

const MAXIMUM_CHANGES = 10_000

const json: z.ZodType<JsonValue> = z.json() as unknown as z.ZodType<JsonValue>
const word = z.string().min(1).max(1_000)

const fact = z.strictObject({
  subject: word,
  name: word,
  path: absolutePath,
  read: z.enum(['text', 'link', 'list', 'sha256']),
  value: z.union([z.string(), z.array(z.string()), z.null()]),
})

/** Schema of a plan, for plans that come from outside. The digest is checked apart. */
export const planSchema: z.ZodType<Plan> = z.strictObject({
  schema: z.literal('janus.plan/1'),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  root: absolutePath,
  module: z.strictObject({ id: word, version: word }),
  options: json,
  facts: z.array(fact).max(MAXIMUM_CHANGES),
  changes: z.array(plannedChangeSchema).max(MAXIMUM_CHANGES),
  made: z.strictObject({ by: word, at: word, host: word, bootId: word.optional() }),
}) as unknown as z.ZodType<Plan>
