import type { Isolation } from '../contract/runnable-module.js'
import * as z from '../zod.js'

/** A module that a configuration file names. */
export interface NamedModule {
  /** A package, or a path relative to the file. */
  readonly module: string
  readonly isolation?: Isolation
}

/** A configuration file. */
export interface Configuration {
  readonly schema: 'janus.config/1'
  readonly modules: readonly NamedModule[]
}

const name = z
  .string()
  .min(1)
  .max(1_000)
  .regex(/^[^\p{Cc}]*$/u, { message: 'must not hold control characters' })
const isolation = z.enum(['in-process', 'sandbox', 'subprocess'])
const entry = z.union([name, z.strictObject({ module: name, isolation: isolation.optional() })])

const looseConfiguration = z.strictObject({
  $schema: z.string().optional(),
  schema: z.literal('janus.config/1'),
  modules: z.array(entry).max(1_000).optional(),
})

/**
 * Reads the content of a configuration file.
 * @returns the configuration, or the field that is wrong and what is wrong with it
 */
export function parseConfiguration(
  content: unknown,
): { readonly configuration: Configuration } | { readonly field: string; readonly problem: string } {
  const parsed = looseConfiguration.safeParse(content)
  if (!parsed.success) return firstIssue(parsed.error)
  const modules = (parsed.data.modules ?? []).map((given) =>
    typeof given === 'string'
      ? { module: given }
      : { module: given.module, ...(given.isolation === undefined ? {} : { isolation: given.isolation }) },
  )
  return { configuration: { schema: 'janus.config/1', modules } }
}

/** The first thing that is wrong: the field as it is written in the file, and the message. */
export function firstIssue({ issues }: z.ZodError): { readonly field: string; readonly problem: string } {
  const [issue] = issues
  if (issue === undefined) return { field: 'the file', problem: 'is malformed' }
  const members = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
  const path = [...issue.path, ...members]
  const field = path.map((part, index) =>
    typeof part === 'number' ? `[${part}]` : `${index ? '.' : ''}${String(part)}`,
  )
  return { field: path.length === 0 ? 'the file' : field.join(''), problem: problemOf(issue) }
}

/** Of alternatives, what is wrong with the one that came closest. */
function problemOf(issue: z.ZodError['issues'][number]): string {
  if (issue.code !== 'invalid_union') return issue.message
  const closest = [...issue.errors].sort((left, right) => (right[0]?.path.length ?? 0) - (left[0]?.path.length ?? 0))[0]
  const inner = closest?.[0]
  return inner === undefined ? issue.message : [inner.path.map(String).join('.'), inner.message].join(' ').trim()
}
