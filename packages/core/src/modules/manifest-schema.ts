import type { Manifest } from '../contract/manifest.js'
import { COMMAND_NAME, KEBAB_CASE } from '../contract/patterns.js'
import { manifestToolSchema } from '../tools/tool-schema.js'
import * as z from '../zod.js'
import { ownFile, shortLine } from './manifest-fields.js'

const kebabCase = z.string().max(100).regex(KEBAB_CASE, { message: 'must be kebab-case' })
const commandName = z.string().max(100).regex(COMMAND_NAME, {
  message: 'must be one or two words in kebab-case',
})
const manifestModule = z.object({
  id: kebabCase,
  type: kebabCase,
  entry: ownFile,
  export: z
    .string()
    .regex(/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u, { message: 'must be the name of an export' })
    .max(200)
    .optional(),
  kind: z.enum(['javascript', 'command']).optional(),
  summary: shortLine.optional(),
})

/** Schema of the `janus` field of a package.json. Members that a later minor version adds are ignored. */
export const manifestSchema: z.ZodType<Manifest> = z.object({
  api: z.int().min(1).max(1_000),
  modules: z.array(manifestModule).max(200),
  commands: z
    .array(z.object({ name: commandName, summary: shortLine, entry: ownFile }))
    .max(200)
    .optional(),
  checks: z
    .array(z.object({ name: kebabCase, summary: shortLine, entry: ownFile }))
    .max(200)
    .optional(),
  completion: ownFile.optional(),
  tools: z.array(manifestToolSchema).max(200).optional(),
}) as unknown as z.ZodType<Manifest>

/** What can be told of a manifest that is written for another Module API. */
export const foreignManifestSchema = z.object({
  api: z.int(),
  modules: z.array(z.object({ id: kebabCase, type: kebabCase })).max(200),
})
