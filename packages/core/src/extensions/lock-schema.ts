import type { PinnedState } from '../contract/extensions.js'
import { COMMAND_NAME, KEBAB_CASE } from '../contract/patterns.js'
import { firstIssue } from '../modules/config-schema.js'
import { toolName } from '../tools/tool-schema.js'
import * as z from '../zod.js'

/** What was agreed to. */
export interface Pin extends PinnedState {
  readonly trusted: boolean
}

/** Content of `janus.lock.json`. */
export interface LockFile {
  readonly schema: 'janus.lock/1'
  /** By package name for what lies beside the file, by absolute path for everything else. */
  readonly modules: Readonly<Record<string, Pin>>
}

const line = z
  .string()
  .max(1_000)
  .regex(/^[^\p{Cc}]*$/u, { message: 'must not hold control characters' })
const kebabCase = z.string().max(100).regex(KEBAB_CASE, { message: 'must be kebab-case' })

const commandName = z.string().max(100).regex(COMMAND_NAME, { message: 'must be one or two words in kebab-case' })

const pin = z.strictObject({
  version: line,
  integrity: line.optional(),
  files: z.string().regex(/^sha256-[A-Za-z0-9+/]{43}=$/, { message: 'must be sha256- and a digest in base64' }),
  brings: z.strictObject({
    modules: z.array(z.strictObject({ id: kebabCase, type: kebabCase })).max(200),
    commands: z.array(commandName).max(200),
    checks: z.array(kebabCase).max(200).optional(),
    tools: z.array(toolName).max(200).optional(),
  }),
  trusted: z.boolean(),
})

const lockFile = z.strictObject({ schema: z.literal('janus.lock/1'), modules: z.record(line, pin) })

/** Reads the content of a lock file, or says which field is wrong. */
export function parseLockFile(
  content: unknown,
): { readonly lock: LockFile } | { readonly field: string; readonly problem: string } {
  const parsed = lockFile.safeParse(content)
  return parsed.success ? { lock: parsed.data as LockFile } : firstIssue(parsed.error)
}
