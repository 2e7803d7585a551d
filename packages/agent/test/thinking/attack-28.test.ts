import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LogEvent, RecordedEvent } from '../../src/index.js'
import { type FaultServer, startFaultServer } from '../support/fault-server.js'
import { HOSTILE_BEHAVIOURS } from '../support/hostile-behaviours.js'
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

describe('attack 28: a hostile answer of the server of a model', () => {
  test.each(HOSTILE_BEHAVIOURS)(
    '%s: nothing is proposed, it is told, and the breaker opens',
    async (_what, behaviour, said) => {
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
    },
  )

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
