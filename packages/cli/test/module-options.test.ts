import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readAssignments } from '../src/module-options.js'

const schema = {
  properties: {
    text: { type: 'string' },
    count: { type: 'integer' },
    force: { type: 'boolean' },
    names: { type: 'array', items: { type: 'string' } },
    sizes: { type: 'array', items: { type: 'number' } },
    nested: { type: 'object' },
    either: { anyOf: [{ type: 'number' }, { type: 'string' }] },
  },
}

describe('readAssignments', () => {
  test.each([
    ['text=12', { text: '12' }],
    ['text=a=b', { text: 'a=b' }],
    ['text=', { text: '' }],
    ['count=512', { count: 512 }],
    ['count=many', { count: 'many' }],
    ['count=', { count: '' }],
    ['force=true', { force: true }],
    ['force=yes', { force: 'yes' }],
    ['names=a,b', { names: ['a,b'] }],
    ['names=["a","b"]', { names: ['a', 'b'] }],
    ['names=[a', { names: ['[a'] }],
    ['sizes=2', { sizes: [2] }],
    ['nested={"a":1}', { nested: { a: 1 } }],
    ['either=3', { either: 3 }],
    ['either=x', { either: 'x' }],
    ['unknown=3', { unknown: '3' }],
  ])('reads %s by the schema', (assignment, expected) => {
    expect(readAssignments([assignment], schema)).toEqual(expected)
  })

  test('collects the values of a list in order', () => {
    expect(readAssignments(['names=a', 'names=["b","c"]', 'names=d'], schema)).toEqual({ names: ['a', 'b', 'c', 'd'] })
  })

  test.each([[['text']], [['=x']], [['text=a', 'text=b']]])('refuses %j', (assignments) => {
    expect(() => readAssignments(assignments, schema)).toThrow(expect.objectContaining({ code: 'JANUS_USAGE' }))
  })

  test('keeps any key an own property: nothing reaches a prototype', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty'),
        fc.string(),
        (key, value) => {
          const read = readAssignments([`${key}=${value}`], schema)
          expect(Object.keys(read)).toEqual([key])
          expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
          expect(({} as Record<string, unknown>).polluted).toBeUndefined()
        },
      ),
    )
  })
})
