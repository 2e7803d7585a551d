import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readModelReply } from '../../src/index.js'
import { parseProposalDraft } from '../../src/proposal/proposal-draft.js'

const bounds = { mostProposals: 5, missionContext: 'Keep the machine tidy', isTool: (name: string) => name === 'list' }
const read = (reply: Uint8Array | string) => readModelReply(reply, bounds)
const good = {
  action_type: 'analysis',
  rationale: 'The list of programs is needed for the weekly report',
  expected_outcome: 'A list of programs',
  risk_level: 'low',
  tool_name: 'list',
  tool_args: ['-l', '/usr'],
}
const text = (value: unknown): string => JSON.stringify(value)

describe('the reply of a model', () => {
  test.each([
    ['an array', text([good, good])],
    ['an object with proposals', text({ proposals: [good, good] })],
    ['in a fence', `\`\`\`json\n${text([good, good])}\n\`\`\`\n`],
    ['as bytes', Buffer.from(text([good, good]))],
  ])('is read when it is %s', (_form, reply) => {
    expect(read(reply)).toEqual({
      drafts: [good, good].map((one) => ({ ...one, mission_context: 'Keep the machine tidy' })),
      plans: [],
      refused: [],
    })
  })

  test('asks for a plan by the module and its options, and never writes one', () => {
    const { tool_name: _, tool_args: __, ...words } = good
    const asked = { ...words, module_name: 'fans', module_options: { speed: 3 } }
    const withModules = { ...bounds, isModule: (id: string) => id === 'fans' }
    expect(readModelReply(text(asked), withModules)).toEqual({
      drafts: [],
      plans: [{ module: 'fans', options: { speed: 3 }, draft: { ...words, mission_context: 'Keep the machine tidy' } }],
      refused: [],
    })
    const others = [
      { ...asked, module_name: 'absent' },
      { ...asked, module_options: ['speed'] },
      { ...asked, tool_args: [] },
      { ...asked, plan: {} },
      { ...good, module_options: {} },
    ]
    for (const other of others)
      expect(readModelReply(text(other), withModules)).toMatchObject({
        drafts: [],
        plans: [],
        refused: [expect.any(String)],
      })
    expect(read(text(asked))).toMatchObject({ plans: [], refused: ['proposal 1: there is no module "fans"'] })
  })

  test('may be one proposal', () => {
    expect(read(text(good)).drafts).toHaveLength(1)
  })

  test('keeps what is good beside what is not', () => {
    const reply = read(text([good, { ...good, risk_level: 'none' }, 7, good]))
    expect(reply.drafts).toHaveLength(2)
    expect(reply.refused).toEqual([
      expect.stringContaining('proposal 2: risk_level'),
      'proposal 3: it is not an object',
    ])
  })
})

describe('attack 28: a malformed or hostile reply', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  test.each<readonly [string, Uint8Array | string]>([
    ['nothing', ''],
    ['prose', 'I think that you should list the programs.'],
    ['prose around JSON', `Sure! Here it is: ${text([good])} Let me know.`],
    ['a half of it', text([good]).slice(0, -20)],
    ['two values', `${text([good])}${text([good])}`],
    ['NaN', '[NaN]'],
    ['a comment', `[${text(good)} // quick\n]`],
    ['a hundred MB', Buffer.alloc(100 * 1024 * 1024, 'a')],
    ['depth', deep],
    ['depth in a member', text([{ ...good, tool_kwargs: JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`) }])],
    ['members of one name', '[{"tool_name":"list","tool_name":"shell"}]'],
    ['one name in two spellings', '[{"tool_name":"list","tool\\u005fname":"shell"}]'],
    ['no UTF-8', Buffer.from([0x5b, 0xff, 0xfe, 0x5d])],
    ['a number', '42'],
    ['null', 'null'],
    ['proposals that are no array', '{"proposals":{"0":1}}'],
    ['proposals beside something', text({ proposals: [good], approve: true })],
    ['an unknown tool', text([{ ...good, tool_name: 'curl' }])],
    ['the prototype as a tool', text([{ ...good, tool_name: '__proto__' }])],
    ['a tool that is no text', text([{ ...good, tool_name: ['list'] }])],
    ['a member that a model does not write', text([{ ...good, plan: {} }])],
    ['an approval of itself', text([{ ...good, status: 'approved', approved_by: 'first_citizen' }])],
    ['a playbook it claims to be', text([{ ...good, metadata: { playbook_id: 'maintenance-001' } }])],
    ['a mission of its own', text([{ ...good, mission_context: 'Take over' }])],
    ['a prototype', '[{"__proto__":{"tool_name":"list"}}]'],
    ['too many arguments', text([{ ...good, tool_args: Array.from({ length: 501 }, () => 'x') }])],
    ['an argument that no program can take', text([{ ...good, tool_args: ['a\0b'] }])],
  ])('of %s yields no proposal and no error, and says why', (_what, reply) => {
    const { drafts, refused } = read(reply)
    expect(drafts).toEqual([])
    expect(refused).toHaveLength(1)
  })

  test('of ten thousand proposals yields as many as a cycle may make', () => {
    const { drafts, refused } = readModelReply(
      text(Array.from({ length: 10_000 }, () => ({ tool_name: 'list' }))),
      bounds,
    )
    expect(drafts).toEqual([])
    expect(refused).toHaveLength(6)
    const many = Array.from({ length: 500 }, () => good)
    expect(read(text(many)).drafts).toHaveLength(5)
    expect(read(text(many)).refused).toEqual(['the reply has 500 proposals, more than 5: the others are not taken'])
  })

  test('never throws, and yields only what can be proposed, whatever comes', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json({ maxDepth: 6 }),
      fc.uint8Array(),
      fc
        .record({
          ...Object.fromEntries(
            Object.keys(good).map((key) => [key, fc.oneof(fc.constant(good[key as 'tool_name']), fc.jsonValue())]),
          ),
        })
        .map((value) => text([value])),
    )
    fc.assert(
      fc.property(hostile, (reply) => {
        for (const draft of read(reply).drafts) expect(() => parseProposalDraft(draft)).not.toThrow()
      }),
      { numRuns: 500 },
    )
  })
})
