import * as z from '../zod.js'
import { KEBAB_CASE } from './patterns.js'
import type { Profile } from './profile.js'

const MOST_MODULES = 200
const LONGEST_ID = 100

const id = z.string().max(LONGEST_ID).regex(KEBAB_CASE)
const line = z
  .string()
  .min(1)
  .max(1_000)
  .regex(/^[^\n\r\0]*$/, { message: 'must be one line' })

/** Schema of one module of a profile. */
const entry = z.strictObject({
  module: id.meta({ description: 'Id of the module, as `janus module list` shows it.' }),
  options: z
    .record(z.string(), z.json())
    .optional()
    .meta({ description: 'Options of the module; `janus module show` lists them.' }),
  after: z
    .array(id)
    .max(MOST_MODULES)
    .optional()
    .meta({ description: 'Ids of modules of this profile that come before this one.' }),
})

/** Schema of a profile as people write it. */
export const profileFileSchema = z
  .strictObject({
    $schema: z.string().max(1_000).optional().meta({ description: 'Address of this schema, for editors.' }),
    schema: z.literal('janus.profile/1'),
    name: id.meta({ description: 'The name that the profile is called by: that of the file, without its ending.' }),
    summary: line.optional().meta({ description: 'One line for lists.' }),
    modules: z.array(entry).min(1).max(MOST_MODULES).meta({ description: 'The modules, with their options.' }),
  })
  .meta({ title: 'A profile of Janus', description: 'Several modules with options: one transaction, one rollback.' })

/** Schema of a profile. */
export const profileSchema: z.ZodType<Profile> = profileFileSchema as unknown as z.ZodType<Profile>
