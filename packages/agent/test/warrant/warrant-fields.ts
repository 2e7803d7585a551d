import type { ZodType } from 'zod'

interface Definition {
  readonly type: string
  readonly shape?: Readonly<Record<string, ZodType>>
  readonly options?: readonly ZodType[]
}

/** Every field of a schema by its dotted name; members of a union that are objects are told apart by their `kind`: `action(tool).argv`. */
export function fieldsOf(schema: ZodType, path = ''): readonly string[] {
  const { type, shape, options } = schema._zod.def as unknown as Definition
  if (type === 'object' && shape !== undefined) {
    return Object.entries(shape).flatMap(([name, member]) => fieldsOf(member, path === '' ? name : `${path}.${name}`))
  }
  if (type !== 'union' || options === undefined) return [path]
  const objects = options.filter((option) => (option._zod.def as unknown as Definition).type !== 'null')
  const kinds = objects.flatMap((option) => kindsOf(option))
  return kinds.length === 0 ? [path] : kinds.flatMap(([kind, option]) => fieldsOf(option, `${path}(${kind})`))
}

function kindsOf(option: ZodType): readonly (readonly [string, ZodType])[] {
  const { type, shape, options } = option._zod.def as unknown as Definition
  if (type === 'union') return (options ?? []).flatMap((member) => kindsOf(member))
  const kind = shape?.kind as unknown as
    | { readonly _zod: { readonly def: { readonly values?: readonly string[] } } }
    | undefined
  const value = kind?._zod.def.values?.[0]
  return value === undefined ? [] : [[value, option]]
}
