import { describe, expect, test } from 'vitest'
import * as whole from 'zod'
import * as part from '../src/zod.js'

describe('the part of zod', () => {
  test('is zod: every name stands for the same thing', () => {
    const names = Object.keys(part)
    expect(names.length).toBeGreaterThan(20)
    for (const name of names) expect(Reflect.get(part, name), name).toBe(Reflect.get(whole, name))
  })
})
