import { profileFileSchema } from '../contract/profile-schema.js'
import * as z from '../zod.js'

/** JSON Schema (draft 2020-12) of a profile as people write it: what `@janus/core/profile.schema.json` holds, for editors. */
export function profileJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(profileFileSchema, { io: 'input', target: 'draft-2020-12' })
}
