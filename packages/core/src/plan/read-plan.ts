import type { Plan } from '../contract/plan.js'
import { planSchema } from '../contract/plan-schema.js'
import { janusError } from '../errors/janus-error.js'
import * as z from '../zod.js'
import { planDigest } from './plan-digest.js'

/**
 * Reads a plan that comes from outside.
 * @param json parsed, untrusted JSON
 * @throws JANUS_PLAN_INVALID naming the member that is malformed, or both digests when the content was altered
 */
export function readPlan(json: unknown): Plan {
  const parsed = planSchema.safeParse(json)
  if (!parsed.success) throw janusError('JANUS_PLAN_INVALID', `the plan is malformed: ${z.prettifyError(parsed.error)}`)
  const digest = planDigest(parsed.data)
  if (digest !== parsed.data.digest) {
    const message = `the plan's content has the digest ${digest}, but it states ${parsed.data.digest}`
    throw janusError('JANUS_PLAN_INVALID', message, { data: { stated: parsed.data.digest, computed: digest } })
  }
  return parsed.data
}
