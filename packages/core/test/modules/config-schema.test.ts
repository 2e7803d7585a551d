import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseConfiguration } from '../../src/modules/config-schema.js'

const name = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).filter((text) => !/\p{Cc}/u.test(text))
const isolation = fc.constantFrom('in-process' as const, 'sandbox' as const, 'subprocess' as const)
const entry = fc.oneof(name, fc.record({ module: name, isolation }, { requiredKeys: ['module'] }))

describe('a configuration file', () => {
  it('is read as it was written, whatever it names', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), (modules) => {
        const parsed = parseConfiguration(JSON.parse(JSON.stringify({ schema: 'janus.config/1', modules })))
        const expected = modules.map((one) => (typeof one === 'string' ? { module: one } : one))
        expect(parsed).toEqual({ configuration: { schema: 'janus.config/1', modules: expected } })
      }),
    )
  })

  it('that is anything else is refused with a field and a reason, and never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (content) => {
        const parsed = parseConfiguration(content)
        expect('problem' in parsed ? typeof parsed.field : parsed.configuration.schema).toBeDefined()
        if ('problem' in parsed) expect(parsed.problem).not.toBe('')
      }),
    )
  })

  it.each([
    [{ schema: 'janus.config/2' }, 'schema'],
    [{ schema: 'janus.config/1', module: [] }, 'module'],
    [{ schema: 'janus.config/1', modules: {} }, 'modules'],
    [{ schema: 'janus.config/1', modules: ['ok', 7] }, 'modules[1]'],
    [{ schema: 'janus.config/1', modules: [''] }, 'modules[0]'],
    [{ schema: 'janus.config/1', modules: ['a\u001b[31m'] }, 'modules[0]'],
    [{ schema: 'janus.config/1', modules: [{ module: './x', isolation: 'none' }] }, 'modules[0]'],
    [[], 'the file'],
    [null, 'the file'],
  ])('names the field that is wrong: %j', (content, field) => {
    expect(parseConfiguration(content)).toMatchObject({ field })
  })

  it('may leave its modules out and name its schema for an editor', () => {
    const content = { $schema: 'https://janus.example/config.json', schema: 'janus.config/1' }
    expect(parseConfiguration(content)).toEqual({ configuration: { schema: 'janus.config/1', modules: [] } })
  })
})
