import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseMission } from '../../src/index.js'
import { parseMissionText } from '../../src/missions/read-mission-file.js'

const OPTIONS = { directory: '/missions', place: 'a.yaml' }
const parse = (value: unknown) => parseMission(value, OPTIONS)

describe('a mission', () => {
  test('is read by each name that a member has in the documents', () => {
    const long = parse({ mission_id: 'a', mission_name: 'A', objective: 'x', objectives: ['y'], materials: ['m.md'] })
    const short = parse({ id: 'a', name: 'A', goals: ['x', 'y'], sources: [{ path: 'm.md' }] })
    expect(long).toMatchObject({ id: 'a', name: 'A', objective: 'x', goals: ['y'], status: 'active' })
    expect(short).toMatchObject({ id: 'a', name: 'A', objective: 'x', goals: ['x', 'y'] })
    expect(short.materials).toEqual(long.materials)
  })

  test('has its materials from all four lists, as a path, a named path or a text', () => {
    const { materials } = parse({
      id: 'a',
      objective: 'x',
      materials: ['docs/one.md'],
      sources: [{ path: 'two.md', name: 'Two' }],
      architecture_docs: [{ content: 'three' }],
      philosophy_docs: [{ content: 'four', name: 'Four' }],
    })
    expect(materials).toEqual([
      { name: 'one.md', path: 'docs/one.md' },
      { name: 'Two', path: 'two.md' },
      { name: 'text 1', content: 'three' },
      { name: 'Four', content: 'four' },
    ])
  })

  test('has a context that is a text or an object, and is a text here', () => {
    expect(parse({ id: 'a', objective: 'x', mission_context: 'Tidy' }).context).toBe('Tidy')
    const context = { goal: 'tidy', limits: { disk: 80, hosts: ['a', 'b'] }, deep: { a: { b: { c: { d: 1 } } } } }
    expect(parse({ id: 'a', objective: 'x', mission_context: context }).context).toBe(
      'goal: tidy\nlimits.disk: 80\nlimits.hosts.0: a\nlimits.hosts.1: b',
    )
  })

  test('has tasks and a deliverable as a text or an object, and its times as they are written', async () => {
    const text = [
      'id: a',
      'objective: x',
      'status: In_Progress',
      'tasks: [look, {description: tidy, status: done}]',
      'deliverable: {location: out, required_count: 3}',
      'activated_timestamp: 2026-03-01T12:00:00Z',
    ].join('\n')
    expect(parse(await parseMissionText(Buffer.from(text), 'a.yaml'))).toMatchObject({
      status: 'in_progress',
      tasks: [
        { description: 'look', status: 'open' },
        { description: 'tidy', status: 'done' },
      ],
      deliverable: { location: 'out', requiredCount: 3 },
      activatedAt: '2026-03-01T12:00:00Z',
    })
  })

  const invalid: readonly (readonly [string, unknown, RegExp])[] = [
    ['no mapping', ['a'], /no mapping/],
    ['nothing', null, /no mapping/],
    ['no id', { objective: 'x' }, /neither mission_id nor id/],
    ['two ids', { id: 'a', mission_id: 'b', objective: 'x' }, /leave one out/],
    ['no objective', { id: 'a' }, /no objective/],
    ['an id with a slash', { id: 'a/b', objective: 'x' }, /must be letters/],
    ['a material with a NUL', { id: 'a', objective: 'x', materials: ['a\0b'] }, /materials/],
    ['too many materials', { id: 'a', objective: 'x', materials: Array(201).fill('m') }, /materials/],
    [
      'a deliverable without end',
      { id: 'a', objective: 'x', deliverable: { location: 'o', required_count: 1e9 } },
      /deliverable/,
    ],
  ]
  test.each(invalid)('that is %s is refused with its member', (_what, value, said) => {
    expect(() => parse(value)).toThrow(
      expect.objectContaining({ code: 'JANUS_AGENT_MISSION_INVALID', message: expect.stringMatching(said) }),
    )
  })

  test.each([
    ['anchors', 'id: &a x\nobjective: *a'],
    ['a tag', 'id: !!js/function x\nobjective: y'],
    ['a key twice', 'id: a\nid: b\nobjective: x'],
    ['two documents', 'id: a\n---\nid: b'],
    ['brackets without end', '['.repeat(100_000)],
  ])('in YAML with %s is refused', async (_what, text) => {
    await expect(parseMissionText(Buffer.from(text), 'a.yaml')).rejects.toMatchObject({
      code: 'JANUS_AGENT_MISSION_INVALID',
    })
  })

  test('of any value is a mission or a refusal with a code', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), (context, tasks, materials) => {
        try {
          const mission = parse({ id: 'a', objective: 'x', mission_context: context, tasks, materials })
          expect(mission.context.length).toBeLessThanOrEqual(4000)
        } catch (error) {
          expect(error).toMatchObject({ code: 'JANUS_AGENT_MISSION_INVALID' })
        }
      }),
      { numRuns: 300 },
    )
  })
})
