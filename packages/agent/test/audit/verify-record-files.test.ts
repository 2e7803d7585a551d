import { chmod, cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  appendCheckpoint,
  createNoteSigner,
  generateNoteKey,
  openSegmentedLedger,
  signCheckpoint,
} from '@janus/core/ledger'
import { systemFileOperations } from '@janus/core/state'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkpointFile, signRecordCheckpoint, verificationText, verifyRecordFiles } from '../../src/index.js'
import { put } from '../support/decision-context.js'
import { openFileRecord } from '../support/file-record.js'
import { sampleProposal } from '../support/sample-proposal.js'

const key = generateNoteKey('example.com/balaur')
const signer = createNoteSigner(key.privateKey)
const publicKeys = [key.publicKey]

let folder: string
let directory: string
let path: string

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-audit-')))
  directory = join(folder, 'record')
  path = checkpointFile(folder)
})

afterEach(() => rm(folder, { recursive: true, force: true }))

/** A record of some proposals, with a checkpoint in the middle of it and another near its end. */
async function record(at = directory, checkpoints: string | undefined = path): Promise<void> {
  const open = await openFileRecord(at, { rotateBytes: 2000 })
  for (let count = 0; count < 6; count += 1) {
    await put(open, sampleProposal())
    if (checkpoints !== undefined && count % 3 === 2) await signRecordCheckpoint(open, { signer, path: checkpoints })
  }
  await open.close()
}

const verify = (checkpoints: readonly string[] = [path]) => verifyRecordFiles({ directory, checkpoints, publicKeys })

const segments = async (): Promise<readonly string[]> =>
  (await readdir(directory)).filter((name) => name.endsWith('.jsonl')).sort()

async function lastSegment(): Promise<{ readonly file: string; readonly lines: readonly string[] }> {
  const file = join(directory, (await segments()).at(-1) ?? '')
  return { file, lines: (await readFile(file, 'utf8')).trimEnd().split('\n') }
}

/** Takes whole lines off the end, as somebody would who knows the format. */
async function cutLines(wanted: number): Promise<void> {
  for (let left = wanted; left > 0; ) {
    const { file, lines } = await lastSegment()
    const kept = lines.slice(0, Math.max(0, lines.length - left))
    left -= lines.length - kept.length
    if (kept.length === 0) await rm(file)
    else await truncate(file, Buffer.byteLength(`${kept.join('\n')}\n`))
  }
}

describe('a record and its checkpoints', () => {
  test('are verified with nothing but copies of the files and the public key', async () => {
    await record()
    expect((await segments()).length).toBeGreaterThan(1)
    const elsewhere = join(folder, 'elsewhere')
    await cp(directory, join(elsewhere, 'record'), { recursive: true })
    await cp(path, join(elsewhere, 'checkpoints'))
    await rm(join(elsewhere, 'record', 'lock'), { force: true })
    const found = await verifyRecordFiles({
      directory: join(elsewhere, 'record'),
      checkpoints: [join(elsewhere, 'checkpoints')],
      publicKeys,
    })
    expect(found).toMatchObject({
      intact: true,
      vesselId: 'janus-in-balaur',
      records: 9,
      lastSeq: 9,
      confirmedUpTo: 8,
      checkpoints: { found: 2, confirmed: 2 },
      problems: [],
    })
    expect(await readdir(join(elsewhere, 'record'))).not.toContain('lock')
    expect(verificationText(found)).toContain('intact: 9 events')
  })

  test('a checkpoint is on the disk before the record speaks of it', async () => {
    const open = await openFileRecord(directory)
    const failing = { ...systemFileOperations, fsync: async () => Promise.reject(new Error('no')) }
    await expect(signRecordCheckpoint(open, { signer, path, fileOperations: failing })).rejects.toMatchObject({
      code: 'JANUS_LEDGER_WRITE_FAILED',
    })
    expect(open.state.checkpoint).toBeUndefined()
    const { size, hash, note } = await signRecordCheckpoint(open, { signer, path: join(folder, 'others') })
    expect(open.state.checkpoint).toMatchObject({ size, hash })
    expect(await readFile(join(folder, 'others'), 'utf8')).toBe(note)
    await open.close()
  })

  test('are not verified with what is no key, also when there is no checkpoint to verify', async () => {
    await record(directory, undefined)
    await expect(verifyRecordFiles({ directory, publicKeys: ['junk'] })).rejects.toMatchObject({
      code: 'JANUS_NOTE_KEY_INVALID',
    })
  })

  test('a second place gets the same notes, and it is said when it did not', async () => {
    const open = await openFileRecord(directory)
    const secondPath = join(folder, 'second', 'checkpoints')
    await expect(signRecordCheckpoint(open, { signer, path, secondPath })).rejects.toMatchObject({
      code: 'JANUS_LEDGER_WRITE_FAILED',
      data: { path: secondPath },
    })
    expect(open.state.checkpoint).toMatchObject({ size: 1 })
    await mkdir(join(folder, 'second'), { mode: 0o700 })
    await signRecordCheckpoint(open, { signer, path, secondPath })
    await open.close()
    await rm(path)
    expect(await verify([secondPath])).toMatchObject({ intact: true, confirmedUpTo: 2 })
  })

  test('the end of the record behind the newest checkpoint is named as not confirmed', async () => {
    await record()
    expect((await verify()).remarks).toEqual([expect.stringContaining('event 9 came after the newest checkpoint')])
  })
})

describe('a record that was cut off at its end', () => {
  test('is as intact as any without a checkpoint', async () => {
    await record()
    await cutLines(3)
    expect(await verify([])).toMatchObject({ intact: true, lastSeq: 6, confirmedUpTo: 0 })
  })

  test('is found by the checkpoint that is of more', async () => {
    await record()
    await cutLines(2)
    const found = await verify()
    expect(found).toMatchObject({ intact: false, lastSeq: 7, confirmedUpTo: 3 + 1 })
    expect(found.problems).toEqual([{ reason: 'truncated', detail: 'it is of 8 records, the ledger has 7' }])
    expect(verificationText(found)).toContain('NOT INTACT')
  })

  test('is found at every number of lines that a checkpoint covers', async () => {
    await record()
    for (let left = 8; left >= 1; left -= 1) {
      await cutLines(1)
      expect([left, (await verify()).intact]).toEqual([left, left === 8])
    }
  })

  test('takes no further checkpoint', async () => {
    await record()
    await cutLines(4)
    const open = await openFileRecord(directory)
    await expect(signRecordCheckpoint(open, { signer, path })).rejects.toMatchObject({ code: 'JANUS_LEDGER_CONFLICT' })
    await open.close()
  })
})

describe('a record that was written anew as a whole', () => {
  beforeEach(async () => {
    await record()
    await rm(directory, { recursive: true })
  })

  test('is as intact as any without a checkpoint, and found with one', async () => {
    await record(directory, join(folder, 'theirs'))
    expect(await verify([])).toMatchObject({ intact: true, lastSeq: 9 })
    const found = await verify()
    expect(found.intact).toBe(false)
    expect(found.problems.map(({ reason }) => reason)).toContain('rewritten')
  })

  test('is found also when the checkpoints were signed anew with another key of that name', async () => {
    const theirs = createNoteSigner(generateNoteKey('example.com/balaur').privateKey)
    await rm(path)
    const open = await openFileRecord(directory)
    await put(open, sampleProposal())
    await signRecordCheckpoint(open, { signer: theirs, path })
    await open.close()
    const found = await verify()
    expect(found).toMatchObject({ intact: false, confirmedUpTo: 0 })
    expect(found.problems.map(({ reason }) => reason)).toEqual(['unknown-key'])
  })
})

describe('a record whose beginning was removed', () => {
  test('is not intact although what is left of it says that it has expired', async () => {
    await record()
    const at = new Date('2040-01-01T00:00:00.000Z')
    const ledger = await openSegmentedLedger({ directory, longestPause: 1e15, now: () => at })
    const expired = await ledger.expire(at, { reason: 'too old' })
    await ledger.close()
    expect(expired?.segments.length).toBeGreaterThan(0)
    const found = await verify()
    expect(found).toMatchObject({ intact: false, recordId: null })
    expect(found.problems).toContainEqual({
      reason: 'removed',
      detail: `the record begins with event ${found.firstSeq}: nothing removes events from it`,
    })
  })
})

describe('checkpoints that are gone', () => {
  test('are missed, because the record speaks of them', async () => {
    await record()
    await rm(path)
    expect((await verify()).problems).toEqual([
      { reason: 'checkpoint-missing', detail: expect.stringContaining('a checkpoint of 8 events was signed') },
      { reason: 'unconfirmed', detail: 'no checkpoint confirms any of the 9 events' },
    ])
  })

  test('are missed when only the newest is', async () => {
    await record()
    const notes = await readFile(path, 'utf8')
    await writeFile(path, notes.slice(0, notes.indexOf('\n\n', notes.indexOf('— ')) + 1))
    expect((await verify()).problems).toEqual([
      { reason: 'checkpoint-missing', detail: expect.stringContaining('a checkpoint of 8 events was signed') },
    ])
  })

  test('of another record confirm nothing', async () => {
    await record()
    const other = createNoteSigner(generateNoteKey('example.com/other').privateKey)
    const foreign = join(folder, 'foreign')
    await appendCheckpoint(
      foreign,
      signCheckpoint({ origin: 'example.com/other', size: 1, hash: 'a'.repeat(64) }, [other]),
    )
    expect((await verify([path, foreign])).problems.map(({ reason }) => reason)).toEqual(['unknown-key'])
  })
})

describe('the events of a record', () => {
  test('of a type that nobody knows are told of, with their numbers', async () => {
    const ledger = await openSegmentedLedger({ directory })
    await ledger.append('record-created', { recordId: 'a', vesselId: 'b' })
    await ledger.append('approval-granted', { proposal: 'janus-000000000000' })
    await ledger.close()
    expect(await verify([])).toMatchObject({
      intact: false,
      recordId: 'a',
      problems: [{ reason: 'foreign', detail: expect.stringContaining('event 2 is of the type "approval-granted"') }],
    })
  })

  test('that were altered are told of by segment, line and byte', async () => {
    await record()
    const { file, lines } = await lastSegment()
    await writeFile(file, `${lines.join('\n').replace('"seq":9', '"seq":8')}\n`)
    await chmod(file, 0o600)
    const found = await verify()
    expect(found.intact).toBe(false)
    expect(found.problems[0]).toMatchObject({
      reason: 'damaged',
      detail: expect.stringMatching(/^segment \d+, line \d+/),
    })
  })
})
