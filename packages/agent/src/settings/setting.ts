import * as z from '@janus/core/zod'

/** What is said of a setting beside its type and default. */
export interface SettingNotes {
  /** One line: what it does, with its unit. */
  readonly does: string
  /**
   * A security setting: made looser only by an approved change of the rules. Says which of two values is the stricter one.
   * `lower`, `higher`: of numbers; `false`, `true`: of switches; `fewer`, `more`: of lists; `none`: any other value is looser.
   */
  readonly strict?: 'lower' | 'higher' | 'false' | 'true' | 'fewer' | 'more' | 'none'
  /** Not shown in tables. */
  readonly secret?: boolean
}

/** Attaches notes to the schema of a setting. */
export function setting<Schema extends z.ZodType>(schema: Schema, notes: SettingNotes): Schema {
  return schema.meta({ ...notes }) as Schema
}

/** A group of settings; left out, all of them have their defaults. */
export function section<Shape extends Record<string, z.ZodType>>(shape: Shape) {
  // Every member has a default, so what it takes is an empty map at least.
  return z.strictObject(shape).prefault({} as never)
}

/** A path on the disk. */
export function path() {
  return z
    .string()
    .max(4095)
    .regex(/^\/(?!.*\/\.\.(\/|$))[^\0]*$/, 'must be an absolute path without ".."')
}

/** A list of short texts. */
export function texts(most = 200) {
  return z.array(z.string().min(1).max(4095)).max(most)
}
