import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  optionsEnvironment,
  programOptions,
  programOptionsSchema,
} from '../../src/command-modules/options-environment.js'

describe('options of a program', () => {
  it('reach it as variables of their own and as one JSON text', () => {
    const options = programOptions('m', {
      cpuSet: [0, 2, 'all'],
      vmID: 'a b',
      fast: false,
      level: 1.5,
      nothing: undefined,
    })
    expect(optionsEnvironment(options)).toEqual({
      JANUS_OPT_CPU_SET: '0\n2\nall',
      JANUS_OPT_VM_ID: 'a b',
      JANUS_OPT_FAST: 'false',
      JANUS_OPT_LEVEL: '1.5',
      JANUS_OPTIONS_JSON: '{"cpuSet":[0,2,"all"],"fast":false,"level":1.5,"vmID":"a b"}',
    })
    expect(optionsEnvironment(programOptions('m', undefined))).toEqual({ JANUS_OPTIONS_JSON: '{}' })
  })

  it.each([
    [['a'], '', 'they must be an object'],
    ['text', '', 'they must be an object'],
    [{ 'a-b': 1 }, '"a-b"', 'the name must be camelCase: letters and digits only'],
    [JSON.parse('{"__proto__": 1}'), '"__proto__"', 'the name must be camelCase: letters and digits only'],
    [{ aBC: 1, aBc: 2 }, 'aBc', 'it and aBC both are JANUS_OPT_A_BC'],
    [{ a: { b: 1 } }, 'a', 'it must be a text, a number, true or false, or a list of those'],
    [{ a: null }, 'a', 'it must be a text, a number, true or false, or a list of those'],
    [{ a: Number.NaN }, 'a', 'it must be a text, a number, true or false, or a list of those'],
    [{ a: [[1]] }, 'a', 'it must be a text, a number, true or false, or a list of those'],
    [{ a: 'x\0y' }, 'a', 'it must not hold a NUL byte'],
    [{ a: ['x\ny'] }, 'a', 'an element of a list must be one line'],
    [{ a: 'x'.repeat(70_000) }, '', 'they are longer than 65536 bytes'],
  ])('are refused by name where a program could not take them: %j', (options, path, message) => {
    try {
      programOptions('fan', options)
    } catch (error) {
      expect(error).toMatchObject({
        code: 'JANUS_OPTIONS_INVALID',
        module: 'fan',
        data: { issues: [{ path, message }] },
      })
      return
    }
    throw new Error('they were taken')
  })

  it('come back from the JSON text as they were, and never name a variable of somebody else', () => {
    const scalar = fc.oneof(
      fc.string().filter((text) => !/[\0\n]/.test(text)),
      fc.boolean(),
      fc.integer(),
    )
    const options = fc.dictionary(fc.stringMatching(/^[a-z][a-zA-Z0-9]{0,10}$/), fc.oneof(scalar, fc.array(scalar)))
    fc.assert(
      fc.property(options, (given) => {
        let checked: ReturnType<typeof programOptions>
        try {
          checked = programOptions('m', given)
        } catch (error) {
          expect((error as Error).message).toContain('both are JANUS_OPT_')
          return
        }
        const env = optionsEnvironment(checked)
        expect(JSON.parse(env.JANUS_OPTIONS_JSON ?? '')).toEqual({ ...given })
        for (const name of Object.keys(env)) expect(name).toMatch(/^JANUS_(OPT_[A-Z0-9_]+|OPTIONS_JSON)$/)
        expect(Object.keys(env)).toHaveLength(Object.keys(given).length + 1)
      }),
    )
  })

  it('are described by one JSON Schema for all programs', () => {
    expect(programOptionsSchema()).toMatchObject({
      type: 'object',
      propertyNames: { pattern: '^[a-z][a-zA-Z0-9]{0,63}$' },
    })
  })
})
