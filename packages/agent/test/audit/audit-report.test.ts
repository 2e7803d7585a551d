import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decideProposal } from '../../src/approval/decide-proposal.js'
import { type AgentEvent, type AgentRecord, auditReport, auditText, type Proposal } from '../../src/index.js'
import { consumeWarrant } from '../../src/warrant/consume-warrant.js'
import { ANA, BEN, consumeContext, decisionContext, EXECUTOR, force, put } from '../support/decision-context.js'
import { openFileRecord } from '../support/file-record.js'
import { sampleProposal } from '../support/sample-proposal.js'
import { type SettableClock, settableClock } from '../support/settable-clock.js'

let folder: string
let clock: SettableClock
let record: AgentRecord

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-report-')))
  clock = settableClock()
  record = await openFileRecord(join(folder, 'record'), { clock })
})

afterEach(async () => {
  await record.close()
  await rm(folder, { recursive: true, force: true })
})

const directory = (): string => join(folder, 'record')

/** A proposal that somebody decides after so many seconds. */
async function decided(by: typeof ANA, decision: 'approve' | 'reject', seconds: number): Promise<Proposal> {
  const proposal = await put(record, sampleProposal())
  clock.pass(seconds)
  const { id, digest } = proposal
  await decideProposal(record, { proposal: id, decision, by, digest, reason: 'read' }, decisionContext(record))
  return proposal
}

const add = (...events: readonly AgentEvent[]): Promise<void> => record.commit(() => ({ events, answer: undefined }))

describe('the report of a record', () => {
  test('says who decided what and how fast', async () => {
    await decided(ANA, 'approve', 10)
    await decided(ANA, 'approve', 30)
    await decided(ANA, 'reject', 20)
    await decided(BEN, 'approve', 3 * 3600)
    const { decisions, proposals } = await auditReport({ directory: directory() })
    expect(decisions).toEqual([
      { by: 'ana (uid 1001)', approved: 2, rejected: 1, medianSeconds: 20, fastestSeconds: 10, slowestSeconds: 30 },
      {
        by: 'ben (uid 1002)',
        approved: 1,
        rejected: 0,
        medianSeconds: 10_800,
        fastestSeconds: 10_800,
        slowestSeconds: 10_800,
      },
    ])
    expect(proposals).toMatchObject({ created: 4, moved: { approved: 3, rejected: 1 }, waiting: 0 })
  })

  test('takes the median between the two in the middle', async () => {
    await decided(ANA, 'approve', 10)
    await decided(ANA, 'approve', 20)
    expect((await auditReport({ directory: directory() })).decisions[0]?.medianSeconds).toBe(15)
  })

  test('counts from when it was put up for review the last time', async () => {
    const proposal = await put(record, sampleProposal())
    clock.pass(1000)
    await force(record, proposal.id, 'suspended')
    await force(record, proposal.id, 'proposed')
    clock.pass(7)
    const { id, digest } = proposal
    await decideProposal(record, { proposal: id, decision: 'approve', by: ANA, digest }, decisionContext(record))
    expect((await auditReport({ directory: directory() })).decisions[0]?.slowestSeconds).toBe(7)
  })

  test('tells refusals by code, violations, modes with their evidence, executions, notifications and alarms', async () => {
    const ran = await decided(ANA, 'approve', 1)
    await consumeWarrant(record, { proposal: ran.id, by: EXECUTOR }, consumeContext())
    await expect(consumeWarrant(record, { proposal: ran.id, by: EXECUTOR }, consumeContext())).rejects.toMatchObject({
      code: 'JANUS_AGENT_ALREADY_CONSUMED',
    })
    const result = {
      outcome: 'failed-dirty',
      code: 'ROLLBACK_FAILED',
      summary: 'the rollback failed',
      exitStatus: 3,
      runtimeSeconds: 1.5,
      argumentsHash: 'a'.repeat(64),
      outputDigest: 'b'.repeat(64),
      cpuPercent: null,
      memoryMb: null,
      details: {},
    } as const
    const evidence = {
      mode: 'alpha',
      since: clock.now().toISOString(),
      days: 31,
      approved: 40,
      rejected: 1,
      timedOut: 0,
      approvalRate: 0.975,
      violations: 0,
    } as const
    await add(
      { type: 'execution-ended', payload: { proposal: ran.id, result } },
      { type: 'mode-changed', payload: { from: 'alpha', to: 'beta', by: ANA, because: 'it is time', evidence } },
      { type: 'notification-sent', payload: { proposal: ran.id, ok: false, summary: 'exit 1' } },
      { type: 'integrity-alarm', payload: { path: '/srv/janus/proposals.jsonl', summary: 'a foreign line' } },
      { type: 'clock-stepped', payload: { seconds: -4000 } },
      { type: 'violation-recorded', payload: { code: 'ESCAPE', summary: 'left its workspace', by: EXECUTOR } },
    )
    const report = await auditReport({ directory: directory() })
    expect(report).toMatchObject({
      vesselId: 'janus-in-balaur',
      mode: 'alpha',
      damage: null,
      refusals: [{ code: 'JANUS_AGENT_ALREADY_CONSUMED', count: 1, by: 'auto-executor' }],
      violations: { total: 1, newest: [{ code: 'ESCAPE', by: 'auto-executor' }] },
      modes: { total: 1, newest: [{ what: 'changed', to: 'beta', by: 'ana (uid 1001)', evidence }] },
      executions: { started: 1, completed: 0, failed: 1, failures: { newest: [{ code: 'ROLLBACK_FAILED' }] } },
      notifications: { sent: 0, failed: 1 },
      alarms: { total: 1 },
      clock: { steps: 1, largestSeconds: -4000 },
      checkpoints: { signed: 0, newest: null },
    })
    const text = auditText(report)
    expect(text).toContain('31.0 days of alpha, 40 approved, 1 rejected, 0 timed out (97.5 %), 0 violations')
    for (const part of ['JANUS_AGENT_ALREADY_CONSUMED', 'ESCAPE', 'a foreign line', 'ROLLBACK_FAILED', 'NONE signed'])
      expect(text).toContain(part)
  })

  test('of a period counts what happened in it, and knows what had waited before', async () => {
    await decided(BEN, 'approve', 5)
    const waiting = await put(record, sampleProposal())
    clock.pass(600)
    const since = clock.now()
    await decideProposal(
      record,
      { proposal: waiting.id, decision: 'approve', by: ANA, digest: waiting.digest },
      decisionContext(record),
    )
    const report = await auditReport({ directory: directory(), since })
    expect(report.decisions).toMatchObject([{ by: 'ana (uid 1001)', medianSeconds: 600 }])
    expect(report.proposals).toMatchObject({ created: 0, moved: { approved: 1 } })
    expect(report.since).toBe(since.toISOString())
  })

  test('is made beside the process that has the record open, and changes nothing', async () => {
    await decided(ANA, 'approve', 1)
    const before = await listing()
    await auditReport({ directory: directory() })
    expect(await listing()).toEqual(before)
  })

  test('of a damaged record says so and reports what stands before', async () => {
    await decided(ANA, 'approve', 1)
    await decided(BEN, 'approve', 1)
    await record.close()
    const [segment = ''] = (await readdir(directory())).filter((name) => name.endsWith('.jsonl'))
    const file = join(directory(), segment)
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace('"name":"ben"', '"name":"bea"'))
    const report = await auditReport({ directory: directory() })
    expect(report.decisions).toMatchObject([{ by: 'ana (uid 1001)' }])
    expect(report.damage).toContain(segment)
    expect(auditText(report)).toContain('DAMAGED')
  })

  test('of no record is empty', async () => {
    const report = await auditReport({ directory: join(folder, 'nothing') })
    expect(report).toMatchObject({ events: 0, lastSeq: 0, recordId: null, decisions: [] })
    expect(auditText(report)).toContain('0 events')
  })

  test('shows nothing to a terminal that the terminal would obey', async () => {
    await add(
      { type: 'violation-recorded', payload: { code: 'A\u001b[2J', summary: 'x\u202e\r\nfake line', by: ANA } },
      { type: 'integrity-alarm', payload: { path: '/tmp/\u001b]0;t\u0007', summary: 'y\u2028z' } },
      { type: 'request-refused', payload: { code: 'B\u0000', summary: '\u001b[31m', by: { ...ANA, name: '\u200b' } } },
    )
    const text = auditText(await auditReport({ directory: directory() }))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for.
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u200b\u2028\u202e]/u)
    expect(text.split('\n').filter((line) => line.startsWith('fake'))).toEqual([])
  })

  test('keeps the newest hundred of a list, and says how many there were', async () => {
    const alarm = (n: number): AgentEvent => ({ type: 'integrity-alarm', payload: { path: `/p/${n}`, summary: 's' } })
    await add(...Array.from({ length: 150 }, (_, n) => alarm(n)))
    const { alarms } = await auditReport({ directory: directory() })
    expect(alarms.total).toBe(150)
    expect(alarms.newest).toHaveLength(100)
    expect(alarms.newest.at(-1)).toMatchObject({ path: '/p/149' })
  })
})

async function listing(): Promise<readonly string[]> {
  const names = (await readdir(directory())).sort()
  return Promise.all(names.map(async (name) => `${name} ${(await readFile(join(directory(), name), 'latin1')).length}`))
}
