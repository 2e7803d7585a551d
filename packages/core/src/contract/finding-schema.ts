import * as z from '../zod.js'
import type { Finding } from './finding.js'

/** Schema of what a check returns: a module's answer is untrusted until it fits. */
export const findingsSchema: z.ZodType<readonly Finding[]> = z
  .array(
    z.strictObject({
      id: z
        .string()
        .regex(/^[a-z0-9]+([-.:][a-z0-9]+)*$/i)
        .max(200),
      status: z.enum(['ok', 'warn', 'critical', 'skipped']),
      summary: z.string().min(1).max(2_000),
      detail: z.string().max(20_000).optional(),
      evidence: z
        .array(z.strictObject({ path: z.string().min(1).max(4_096), value: z.string().max(20_000).optional() }))
        .max(1_000)
        .optional(),
      remedy: z.string().max(5_000).optional(),
    }),
  )
  .max(100_000) as unknown as z.ZodType<readonly Finding[]>
