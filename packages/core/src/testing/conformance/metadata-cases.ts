import assert from 'node:assert/strict'
import { isJanusModule } from '../../contract/define-module.js'
import { KEBAB_CASE, SEMVER } from '../../contract/patterns.js'
import { SUPPORTED_MODULE_API } from '../../contract/symbols.js'
import { isJanusError } from '../../errors/janus-error.js'
import * as z from '../../zod.js'
import { createMemoryHost } from '../memory-host.js'
import { titled } from './clauses.js'
import type { ConformanceCase, ConformanceSubject } from './conformance-case.js'
import { callApply, noAnswers } from './module-call.js'

const JUNK: readonly unknown[] = [null, 7, true, 'text', [], [{}], () => {}]

/** What can be said of a module without any host. */
export function metadataCases({ module, fixtures }: ConformanceSubject): readonly ConformanceCase[] {
  const withOptions = fixtures.filter((fixture) => 'options' in fixture)
  return [
    {
      ...titled('metadata'),
      async run() {
        const { id, type, version, compatApi, summary } = module.metadata
        assert.match(id, KEBAB_CASE, 'metadata.id must be kebab-case')
        assert.match(type, KEBAB_CASE, 'metadata.type must be kebab-case')
        assert.match(version, SEMVER, 'metadata.version must be MAJOR.MINOR.PATCH')
        assert.ok(
          SUPPORTED_MODULE_API.includes(compatApi as 1),
          `metadata.compatApi must be one of ${SUPPORTED_MODULE_API}`,
        )
        assert.match(summary, /^\S[^\n\r\0]*$/, 'metadata.summary must be one line')
      },
    },
    {
      ...titled('brand'),
      async run() {
        assert.ok(isJanusModule(module), 'the module must be made by defineModule')
        assert.ok(Object.isFrozen(module), 'the module must be frozen')
      },
    },
    {
      ...titled('options-strict'),
      async run() {
        const bases = withOptions.map((fixture) => fixture.options as object)
        for (const base of [{}, ...bases]) {
          const parsed = module.options.safeParse({ ...base, 'janus-conformance-unknown': 1 })
          assert.ok(!parsed.success, 'an unknown option must be refused: use z.strictObject')
        }
      },
    },
    {
      ...titled('options-junk'),
      async run() {
        for (const junk of JUNK)
          assert.ok(!safely(() => module.options.safeParse(junk)).success, `options ${String(junk)} must be refused`)
      },
    },
    {
      ...titled('options-json-schema'),
      async run() {
        const schema = safely(() => z.toJSONSchema(module.options, { io: 'input', unrepresentable: 'any' }))
        assert.equal(schema.type, 'object', 'the input side of the options must be an object')
      },
    },
    ...withOptions.map((fixture) => ({
      ...titled('options-accepted', fixture.title),
      async run() {
        const parse = () => module.options.parse(structuredClone(fixture.options))
        assert.deepEqual(safely(parse), safely(parse))
      },
    })),
    {
      ...titled('supports'),
      async run() {
        if (module.supports.apply) return
        const settings = { host: createMemoryHost({}), query: noAnswers }
        await assert.rejects(
          callApply(module, settings),
          (error) => isJanusError(error) && error.code === 'JANUS_MODULE_CHECK_ONLY',
        )
      },
    },
  ]
}

function safely<Value>(work: () => Value): Value {
  try {
    return work()
  } catch (error) {
    throw new assert.AssertionError({ message: `the options schema threw: ${String(error)}` })
  }
}
