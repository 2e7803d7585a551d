import { cp, mkdtemp, realpath, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ledgerRecordStore, locateRecord, openAgentRecord } from '../../src/index.js'
import { put } from '../support/decision-context.js'
import { sampleProposal } from '../support/sample-proposal.js'
import { settableClock } from '../support/settable-clock.js'

let folder: string

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-record-')))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const open = () =>
  openAgentRecord({
    vesselId: 'balaur',
    clock: settableClock(),
    openStore: ledgerRecordStore(join(folder, 'record'), { purpose: 'the test' }),
  })

describe('the record in files', () => {
  test('is there again, with the times it was written at', async () => {
    const first = await open()
    const proposal = await put(first, sampleProposal())
    const { durable } = first
    await first.close()
    const second = await open()
    expect(second.state.open.get(proposal.id)).toMatchObject({ proposedAt: '2026-03-01T12:00:00.000Z' })
    expect(second.durable).toEqual(durable)
    const types: string[] = []
    for await (const { type } of second.history()) types.push(type)
    expect(types).toEqual(['record-created', 'proposal-created'])
    await second.close()
  })

  test('is open in one process at a time, and says in which', async () => {
    const first = await open()
    await expect(open()).rejects.toMatchObject({
      code: 'JANUS_STATE_LOCKED',
      message: expect.stringContaining('the test'),
    })
    await first.close()
  })
})

describe('the place of a record', () => {
  test('is the same after a rename and another one for a copy', async () => {
    const before = await locateRecord(folder)
    expect(await locateRecord(folder)).toBe(before)
    await cp(folder, `${folder}-copy`, { recursive: true })
    expect(await locateRecord(`${folder}-copy`)).not.toBe(before)
    await rm(`${folder}-copy`, { recursive: true })
    await rename(folder, `${folder}-moved`)
    expect(await locateRecord(`${folder}-moved`)).toBe(before)
    await rm(`${folder}-moved`, { recursive: true })
  })

  test('is another one on another machine', async () => {
    expect(await locateRecord(folder, '/etc/hostname')).not.toBe(await locateRecord(folder, '/etc/passwd'))
  })
})
