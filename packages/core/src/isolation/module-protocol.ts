import type { ModuleMetadata } from '../contract/module.js'
import type { JsonValue } from '../contract/plan.js'
import type { RunnableModule } from '../contract/runnable-module.js'
import type { Snapshot } from '../contract/snapshot.js'
import type { DiscoveredModule } from '../modules/discovered-module.js'
import * as z from '../zod.js'
import { jsonSchemaProblem } from './json-schema-problem.js'

/** What a child is asked: one JSON document on its standard input. */
export interface ModuleRequest {
  readonly action: 'describe' | 'check' | 'apply' | 'rollback'
  readonly module: Pick<DiscoveredModule, 'id' | 'type' | 'version' | 'source' | 'path' | 'code'>
  /** Absent for `describe`. */
  readonly host?: { readonly description: string; readonly snapshot: Snapshot }
  /** As people wrote them; a check may have none. */
  readonly options?: unknown
}

/** What a child answers: one JSON document on its channel, or nothing when it ended before. */
export type ModuleReply =
  | { readonly ok: true; readonly answer: unknown }
  | { readonly ok: false; readonly error: ModuleRefusal }

/** An error as it comes out of a child. */
export interface ModuleRefusal {
  readonly code: string
  readonly message: string
  readonly remedy?: string | undefined
  readonly data?: Readonly<Record<string, JsonValue>> | undefined
}

/** What a child says of its module. */
export interface ModuleSelfDescription {
  readonly metadata: ModuleMetadata
  readonly supports: RunnableModule['supports']
  readonly optionsSchema: Readonly<Record<string, unknown>>
}

const text = (most: number) => z.string().max(most)
const object = z.record(z.string(), z.unknown())

/** Schema of a reply; what the answer holds is judged by who asked. */
export const replySchema = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), answer: z.unknown() }),
  z.strictObject({
    ok: z.literal(false),
    error: z.strictObject({
      code: text(100),
      message: text(5_000),
      remedy: text(5_000).optional(),
      data: object.optional(),
    }),
  }),
]) as unknown as z.ZodType<ModuleReply>

/** Schema of the answer to `describe`. */
export const selfDescriptionSchema = z.strictObject({
  metadata: z.strictObject({
    id: text(200),
    type: text(200),
    version: text(200),
    compatApi: z.int(),
    summary: text(2_000),
    before: z.array(text(200)).max(100).optional(),
    after: z.array(text(200)).max(100).optional(),
  }),
  supports: z.strictObject({ apply: z.boolean(), rollback: z.enum(['journal', 'planned']) }),
  optionsSchema: object.superRefine((schema, { addIssue }) => {
    const problem = jsonSchemaProblem(schema)
    if (problem !== undefined) addIssue({ code: 'custom', message: `is no JSON Schema: ${problem}` })
  }),
}) as unknown as z.ZodType<ModuleSelfDescription>

/** Schema of the answer to `apply` and `rollback`; each change is judged when a plan is made of them. */
export const changesSchema = z.strictObject({
  options: z.unknown(),
  changes: z.array(z.unknown()).max(100_000),
}) as unknown as z.ZodType<{ readonly options: JsonValue; readonly changes: readonly unknown[] }>
