import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { jsonSchemaProblem } from '../../src/isolation/json-schema-problem.js'
import * as z from '../../src/zod.js'

describe('the schema of options that a module answers', () => {
  test('is taken as zod makes it', () => {
    const options = z.strictObject({
      speed: z.number().min(1).max(9).default(3).describe('how fast'),
      mode: z.enum(['quiet', 'loud']).optional(),
      fans: z.array(z.union([z.string().regex(/^fan/), z.int()])),
      curve: z.record(z.string(), z.tuple([z.number(), z.boolean()])),
      any: z.unknown(),
    })
    expect(jsonSchemaProblem(z.toJSONSchema(options, { io: 'input' }))).toBeUndefined()
    expect(
      jsonSchemaProblem({ type: ['object', 'null'], properties: { a: true, b: false }, items: {} }),
    ).toBeUndefined()
  })

  test.each([
    [null, 'no object'],
    [[], 'no object'],
    [true, 'no object'],
    [{ anyOf: [null] }, '"anyOf.0"'],
    [{ properties: { speed: { anyOf: [null] } } }, '"properties.speed.anyOf.0"'],
    [{ properties: { speed: null } }, '"properties.speed"'],
    [{ properties: { speed: 'fast' } }, '"properties.speed"'],
    [{ properties: [] }, '"properties"'],
    [{ properties: null }, '"properties"'],
    [{ properties: { list: { type: 'array', items: null } } }, '"properties.list.items"'],
    [{ properties: { list: { type: 'array', items: [] } } }, '"properties.list.items"'],
    [{ properties: { list: { items: { oneOf: [{}, 3] } } } }, '"properties.list.items.oneOf.1"'],
    [{ oneOf: {} }, '"oneOf"'],
    [{ required: 'speed' }, '"required"'],
    [{ required: [null] }, '"required"'],
    [{ properties: { speed: { enum: 1 } } }, '"properties.speed.enum"'],
    [{ properties: { speed: { type: { a: 1 } } } }, '"properties.speed.type"'],
    [{ properties: { speed: { description: {} } } }, '"properties.speed.description"'],
  ])('is refused when a reader would stumble over it: %j', (schema, place) => {
    expect(jsonSchemaProblem(schema)).toContain(place)
  })

  test('is refused when schemas lie too deep or are too many', () => {
    const deep = (levels: number): object => (levels === 1 ? {} : { not: deep(levels - 1) })
    expect(jsonSchemaProblem(deep(32))).toBeUndefined()
    expect(jsonSchemaProblem(deep(33))).toContain('deep')
    expect(jsonSchemaProblem({ anyOf: Array.from({ length: 10_000 }, () => true) })).toContain('more than')
  })

  test('is judged without stumbling, whatever it is', () => {
    const leaf = fc.constantFrom(null, true, 1, 'text', [], {}, [null], ['text'])
    const keyword = fc.constantFrom('anyOf', 'properties', 'items', 'enum', 'required', 'type', 'x')
    const around = (inner: fc.Arbitrary<unknown>) =>
      fc.oneof(leaf, fc.dictionary(keyword, inner, { maxKeys: 2 }), fc.array(inner, { maxLength: 2 }))
    fc.assert(
      fc.property(around(around(around(leaf))), (value) => {
        if (jsonSchemaProblem(value) === undefined) expect(() => walk(value as Schema)).not.toThrow()
      }),
      { numRuns: 500 },
    )
  })
})

type Schema = Readonly<Record<string, unknown>>

/** Reads as much of a schema as somebody who trusts it. */
function walk(schema: Schema): void {
  if (typeof schema === 'boolean') return
  const { properties = {}, anyOf = [], items } = schema
  for (const property of Object.values(properties as Record<string, Schema>)) walk(property)
  for (const alternative of anyOf as readonly Schema[]) walk(alternative)
  if (items !== undefined) walk(items as Schema)
}
