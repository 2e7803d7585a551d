import { describe, expect, test } from 'vitest'
import type { Actor, RecordedEvent } from '../../src/index.js'
import { parseJson } from '../../src/index.js'
import { proposeAction } from '../../src/proposal/propose-action.js'
import { memoryRecord } from '../support/memory-record.js'
import { proposeContext, sampleDraft } from '../support/propose-context.js'

const by: Actor = { kind: 'agent', name: 'thinking-cycle' }

/** One value in another, many times. */
function deep(levels: number): unknown {
  let value: unknown = 'the end'
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { in: value }
  return value
}

function cyclic(): object {
  const value: Record<string, unknown> = {}
  value.self = value
  return value
}

describe('attack 28: a reply of a model that is hostile', () => {
  const texts: readonly (readonly [string, string])[] = [
    ['prose around it', 'Sure! Here is the proposal: {"tool_name":"rg"}'],
    ['nothing', ''],
    ['half of it', JSON.stringify(sampleDraft()).slice(0, -10)],
    ['numbers that are none', '{"metadata":{"a":NaN,"b":Infinity}}'],
    ['members of one name', '{"risk_level":"high","risk_level":"low"}'],
    ['brackets without end', '['.repeat(5_000_000)],
    ['objects without end', '{"a":'.repeat(1_000_000)],
    ['one string without end', `"${'x'.repeat(20_000_000)}`],
  ]

  test.each(texts)('of %s is no JSON, and that is all that comes of it', (_what, text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError)
  })

  const values: readonly (readonly [string, () => unknown])[] = [
    ['a number that is none', () => sampleDraft({ metadata: { share: Number.NaN } })],
    ['an endless number', () => sampleDraft({ tool_kwargs: { depth: Number.POSITIVE_INFINITY } })],
    ['an integer that JSON has not', () => sampleDraft({ metadata: { count: 1n } })],
    ['a function', () => sampleDraft({ metadata: { run: () => 'x' } })],
    ['metadata that are deep', () => sampleDraft({ metadata: { a: deep(100_000) } })],
    ['named arguments that are deep', () => sampleDraft({ tool_kwargs: { a: deep(100_000) } })],
    ['a draft that is deep', () => deep(100_000)],
    ['metadata that hold themselves', () => sampleDraft({ metadata: cyclic() })],
    ['a rationale of a hundred megabytes', () => sampleDraft({ rationale: 'x'.repeat(100_000_000) })],
    ['a name of ten megabytes', () => sampleDraft({ tool_name: 'x'.repeat(10_000_000) })],
    ['a member with a name of ten megabytes', () => ({ ...sampleDraft(), ['x'.repeat(10_000_000)]: 1 })],
    ['a member whose name has half of a character', () => ({ ...sampleDraft(), '\ud800x': 1 })],
    ['a million arguments', () => sampleDraft({ tool_args: Array.from({ length: 1_000_000 }, () => 'x') })],
    ['a plan that is none', () => sampleDraft({ tool_name: undefined, tool_args: undefined, plan: deep(50_000) })],
    ['a list of tool calls', () => [{ function: { name: 'rg', arguments: '{}' } }]],
  ]

  test.each(values)('with %s proposes nothing, and the refusal on the record is short', async (_what, draft) => {
    const record = await memoryRecord()
    const events: RecordedEvent[] = []
    record.watch((event) => events.push(event))
    const refused = await proposeAction(record, proposeContext(), { draft: draft(), by }).catch(
      (error: unknown) => error,
    )
    expect(refused).toMatchObject({ code: 'JANUS_AGENT_PROPOSAL_INVALID', data: { rule: 'form' } })
    expect((refused as Error).message.length).toBeLessThan(1000)
    expect(events.map(({ type }) => type)).toEqual(['request-refused'])
    expect(JSON.stringify(events).length).toBeLessThan(5000)
    expect(record.state.open.size).toBe(0)
  })

  test('that asks for a tool which is not there proposes nothing', async () => {
    const record = await memoryRecord()
    const asked = proposeAction(record, proposeContext(), { draft: sampleDraft({ tool_name: 'launch' }), by })
    await expect(asked).rejects.toMatchObject({ code: 'JANUS_AGENT_PROPOSAL_INVALID' })
    expect(record.state.open.size).toBe(0)
  })

  test('of the same proposal ten thousand times leaves one that waits', async () => {
    const record = await memoryRecord()
    for (let times = 0; times < 10_000; times += 1) {
      await proposeAction(record, proposeContext(), { draft: sampleDraft(), by })
    }
    expect(record.state.counts.proposed).toBe(1)
    expect(record.state.open.size).toBeLessThan(10)
  })
})
