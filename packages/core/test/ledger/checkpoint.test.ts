import { appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  appendCheckpoint,
  canonicalDigest,
  canonicalJson,
  createNoteSigner,
  GENESIS_HASH,
  generateNoteKey,
  type NoteSigner,
  openSegmentedLedger,
  parseCheckpoint,
  readCheckpoints,
  readSegments,
  sha256Hex,
  signCheckpoint,
  signNote,
  verifyCheckpoint,
  verifySegmentedLedger,
} from '../../src/ledger/index.js'

const ORIGIN = 'example.com/agent'

let folder: string
let directory: string
let signer: NoteSigner

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-checkpoints-'))
  directory = join(folder, 'ledger')
  signer = createNoteSigner(generateNoteKey(ORIGIN).privateKey)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('a checkpoint', () => {
  test('is three lines, an empty one, and a signature', () => {
    const hash = sha256Hex('head')
    const note = signCheckpoint({ origin: ORIGIN, size: 42, hash }, [signer])
    const [origin, size, root, empty, signature] = note.split('\n')
    expect([origin, size, root, empty]).toEqual([ORIGIN, '42', Buffer.from(hash, 'hex').toString('base64'), ''])
    expect(signature).toMatch(new RegExp(`^— ${ORIGIN} [A-Za-z0-9+/]{90}[A-Za-z0-9+/=]{2}$`))
    const keyId = Buffer.from(signature?.split(' ')[2] ?? '', 'base64').toString('hex', 0, 4)
    expect(`${ORIGIN}+${keyId}`).toBe(signer.publicKey.split('+').slice(0, 2).join('+'))
    expect(verifyCheckpoint(note, [signer.publicKey])).toEqual({
      origin: ORIGIN,
      size: 42,
      hash,
      signedBy: [{ name: ORIGIN, keyId }],
    })
  })

  test('by others is read as they wrote it, with lines of their own', () => {
    // The example of https://c2sp.org/tlog-checkpoint.
    const note =
      'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n' +
      '— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n'
    expect(parseCheckpoint(note)).toMatchObject({
      origin: 'example.com/behind-the-sofa',
      size: 20852163,
      hash: '0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62',
      signatures: [{ name: 'example.com/behind-the-sofa', keyId: '033de0ae' }],
    })
    expect(parseCheckpoint(note.replace('=\n\n', '=\nextension\n\n')).size).toBe(20852163)
  })

  test.each([
    ['no size', 'a\n\nx\n'],
    ['a leading zero', `a\n01\n${base64('x')}\n`],
    ['a size below zero', `a\n-1\n${base64('x')}\n`],
    ['a size beyond counting', `a\n9999999999999999\n${base64('x')}\n`],
    ['a short hash', 'a\n1\nAAAA\n'],
    ['a hash in hex', `a\n1\n${sha256Hex('x')}\n`],
    ['no origin', `\n1\n${base64('x')}\n`],
    ['an empty extension line', `a\n1\n${base64('x')}\n\nb\n`],
    ['the hash of nothing for a record', `a\n1\n${Buffer.alloc(32).toString('base64')}\n`],
  ])('with %s is none', (_, text) => {
    const note = signNote(text, [signer])
    expect(() => verifyCheckpoint(note, [signer.publicKey], { origin: 'a' })).toThrow(
      expect.objectContaining({ code: 'JANUS_NOTE_INVALID', data: { reason: 'malformed' } }),
    )
  })

  test('is not signed for what cannot be one', () => {
    for (const wrong of [
      { origin: 'a b' },
      { origin: 'a\n7' },
      { size: -1 },
      { size: 0.5 },
      { hash: 'x' },
      { size: 0 },
    ]) {
      const checkpoint = { origin: ORIGIN, size: 1, hash: sha256Hex('x'), ...wrong }
      expect(() => signCheckpoint(checkpoint, [signer])).toThrow(expect.objectContaining({ code: 'JANUS_USAGE' }))
    }
    expect(signCheckpoint({ origin: ORIGIN, size: 0, hash: GENESIS_HASH }, [signer])).toContain(`${ORIGIN}\n0\n`)
  })

  test('is of the ledger whose name the key has, unless another is asked for', () => {
    const witness = createNoteSigner(generateNoteKey('witness.example').privateKey)
    const note = signCheckpoint({ origin: ORIGIN, size: 1, hash: sha256Hex('x') }, [signer, witness])
    const wrongOrigin = expect.objectContaining({ data: { reason: 'wrong-origin' } })
    expect(() => verifyCheckpoint(note, [witness.publicKey])).toThrow(wrongOrigin)
    expect(() => verifyCheckpoint(note, [signer.publicKey], { origin: 'example.com/other' })).toThrow(wrongOrigin)
    expect(verifyCheckpoint(note, [witness.publicKey], { origin: ORIGIN }).signedBy).toHaveLength(1)
    expect(verifyCheckpoint(note, [witness.publicKey, signer.publicKey]).signedBy).toHaveLength(2)
  })
})

describe('a file of checkpoints', () => {
  const path = () => join(folder, 'checkpoints')
  const noteOf = (size: number, content = 'x') =>
    signCheckpoint({ origin: ORIGIN, size, hash: sha256Hex(content) }, [signer])

  test('holds notes one after another, an empty line between two', async () => {
    expect(await readCheckpoints(path())).toEqual({ notes: [] })
    const notes = [noteOf(1), noteOf(2), noteOf(2), noteOf(7)]
    for (const note of notes) await appendCheckpoint(path(), note)
    expect(await readFile(path(), 'utf8')).toBe(notes.join('\n'))
    expect(await readCheckpoints(path())).toEqual({ notes })
    expect((await stat(path())).mode & 0o007).toBe(0)
  })

  test('takes none that goes back, nor another history of the same length', async () => {
    await appendCheckpoint(path(), noteOf(5))
    for (const note of [noteOf(4), noteOf(5, 'other')]) {
      await expect(appendCheckpoint(path(), note)).rejects.toMatchObject({ code: 'JANUS_LEDGER_CONFLICT' })
    }
    await expect(appendCheckpoint(path(), 'hello\n')).rejects.toMatchObject({ code: 'JANUS_NOTE_INVALID' })
    expect((await readCheckpoints(path())).notes).toEqual([noteOf(5)])
  })

  test('cut at every byte, the whole notes before the cut are there, and the next one comes behind them', async () => {
    const notes = [noteOf(1), noteOf(2), noteOf(3)]
    const bytes = Buffer.from(notes.join('\n'))
    const ends = notes.map((_, index) => Buffer.byteLength(notes.slice(0, index + 1).join('\n')))
    for (let length = 0; length <= bytes.length; length += 1) {
      await writeFile(path(), bytes.subarray(0, length), { mode: 0o600 })
      const whole = ends.filter((end) => end <= length)
      const start = whole.at(-1) ?? 0
      expect(await readCheckpoints(path())).toEqual({
        notes: notes.slice(0, whole.length),
        ...(length > start && { torn: { offset: start, bytes: length - start } }),
      })
      if (length % 23 !== 0 && !ends.includes(length - 1)) continue
      await appendCheckpoint(path(), noteOf(9))
      expect(await readCheckpoints(path())).toEqual({ notes: [...notes.slice(0, whole.length), noteOf(9)] })
    }
  })

  test('with anything else in it has a note that is not as it was signed', async () => {
    await appendCheckpoint(path(), noteOf(1))
    await appendFile(path(), '\nhello\n')
    await appendFile(path(), `\n${noteOf(2)}`)
    const { notes } = await readCheckpoints(path())
    const { checkpoints } = await verifySegmentedLedger(directory, {
      checkpoints: notes,
      publicKeys: [signer.publicKey],
    })
    expect(checkpoints?.problems).toContainEqual(expect.objectContaining({ index: 1, reason: 'bad-signature' }))
    await writeFile(path(), Buffer.from([0xff, 0x0a]))
    await expect(readCheckpoints(path())).rejects.toMatchObject({ code: 'JANUS_NOTE_INVALID' })
  })
})

describe('a ledger held against checkpoints', () => {
  test('fits them while it grows', async () => {
    const notes = await grow(30)
    const { intact, checkpoints } = await verify(notes)
    expect({ intact, checkpoints }).toMatchObject({
      intact: true,
      checkpoints: { confirmed: notes.length, expired: 0, newest: { size: 30 }, problems: [] },
    })
    await append(5)
    expect((await verify(notes)).intact).toBe(true)
    expect(await verify([])).toMatchObject({ intact: true, checkpoints: { confirmed: 0 } })
    expect(await verifySegmentedLedger(directory)).not.toHaveProperty('checkpoints')
  })

  test('with its end cut off is intact by itself, and truncated by the checkpoint', async () => {
    const notes = await grow(30)
    await rm(segment(await lastSegment()))
    expect(await verifySegmentedLedger(directory)).toMatchObject({ intact: true })
    const { intact, lastSeq, checkpoints } = await verify(notes)
    expect(intact).toBe(false)
    expect(checkpoints?.problems).toMatchObject(
      notes.flatMap((note, index) => (parseCheckpoint(note).size > lastSeq ? [{ index, reason: 'truncated' }] : [])),
    )
    expect(checkpoints?.newest?.size).toBeLessThanOrEqual(lastSeq)
    await rm(directory, { recursive: true })
    expect((await verify(notes)).checkpoints?.problems.map(({ reason }) => reason)).toEqual(
      notes.map(() => 'truncated'),
    )
  })

  test('whose last record was made an unfinished line is truncated by the checkpoint', async () => {
    const notes = await grow(10)
    const last = segment(await lastSegment())
    await truncate(last, (await stat(last)).size - 1)
    expect(await verify(notes)).toMatchObject({
      intact: false,
      checkpoints: { problems: [{ reason: 'truncated' }] },
    })
  })

  test('written anew as a whole is intact by itself, and rewritten by the checkpoint', async () => {
    const notes = await grow(10)
    await rm(directory, { recursive: true })
    await append(15)
    expect(await verifySegmentedLedger(directory)).toMatchObject({ intact: true, records: 15 })
    const { intact, checkpoints } = await verify(notes)
    expect({ intact, checkpoints }).toMatchObject({ intact: false, checkpoints: { confirmed: 0 } })
    expect(checkpoints?.problems.map(({ reason }) => reason)).toEqual(notes.map(() => 'rewritten'))
  })

  test('written anew behind a checkpoint fits that one and not the next', async () => {
    const notes = await grow(10)
    const records = []
    for await (const record of readSegments(directory)) records.push(record)
    const kept = parseCheckpoint(notes[0] ?? '').size
    await rm(directory, { recursive: true })
    const ledger = await openSegmentedLedger({ directory })
    await ledger.close()
    await writeFile(
      segment(1),
      records
        .slice(0, kept)
        .map((record) => `${JSON.stringify(record)}\n`)
        .join(''),
    )
    await append(20)
    const { checkpoints } = await verify(notes)
    expect(checkpoints).toMatchObject({ confirmed: 1, newest: { size: kept } })
    expect(new Set(checkpoints?.problems.map(({ reason }) => reason))).toEqual(new Set(['rewritten']))
  })

  test('takes no word of an unknown key, a wrong signature, another ledger, or an older history', async () => {
    const notes = await grow(9)
    const [first = '', second = ''] = notes
    const stranger = createNoteSigner(generateNoteKey(ORIGIN).privateKey)
    const { signatures: _, ...checkpoint } = parseCheckpoint(second)
    const forged = [
      [signCheckpoint(checkpoint, [stranger]), 'unknown-key'],
      [second.replace(`\n${checkpoint.size}\n`, `\n${checkpoint.size + 1}\n`), 'bad-signature'],
      [signCheckpoint({ ...checkpoint, origin: 'example.com/other' }, [signer]), 'wrong-origin'],
      [signCheckpoint({ ...checkpoint, hash: sha256Hex('x') }, [signer]), 'out-of-order'],
      [first, 'out-of-order'],
      ['hello', 'malformed'],
    ] as const
    const { intact, checkpoints } = await verify([second, ...forged.map(([note]) => note)])
    expect(intact).toBe(false)
    expect(checkpoints?.problems.map(({ index, reason }) => [index, reason])).toEqual(
      forged.map(([, reason], index) => [index + 1, reason]),
    )
    expect(checkpoints).toMatchObject({ confirmed: 1, newest: { size: checkpoint.size } })
  })

  test('attack 8, a restored log: an older copy put back is told by a checkpoint kept elsewhere, and gets none of its own', async () => {
    const path = join(folder, 'checkpoints')
    await append(5)
    const copy = await readFile(segment(1))
    const notes = await grow(20)
    for (const note of notes) await appendCheckpoint(path, note)
    await rm(directory, { recursive: true })
    await (await openSegmentedLedger({ directory })).close()
    await writeFile(segment(1), copy)
    expect(await verifySegmentedLedger(directory)).toMatchObject({ intact: true, records: 5 })
    expect((await verify(notes)).checkpoints?.problems.map(({ reason }) => reason)).toContain('truncated')
    await append(3)
    const { lastSeq: size, lastHash: hash } = await verifySegmentedLedger(directory)
    const next = signCheckpoint({ origin: ORIGIN, size, hash }, [signer])
    await expect(appendCheckpoint(path, next)).rejects.toMatchObject({ code: 'JANUS_LEDGER_CONFLICT' })
  })

  test('whose oldest records have expired is confirmed by the checkpoints since', async () => {
    let time = Date.parse('2025-01-01T00:00:00Z')
    const now = () => new Date(time)
    const notes: string[] = []
    const ledger = await openSegmentedLedger({ directory, rotateBytes: 1000, now })
    for (let day = 0; day < 40; day += 1) {
      await ledger.append('tick', { day })
      const { seq, hash } = ledger.durableHead
      notes.push(signCheckpoint({ origin: ORIGIN, size: seq, hash }, [signer]))
      time += 12 * 3600 * 1000
    }
    const expired = await ledger.expire(new Date(time - 10 * 24 * 3600 * 1000), { reason: 'ten days' })
    const gone = expired?.segments.at(-1)?.lastSeq ?? 0
    expect(gone).toBeGreaterThan(10)
    await ledger.close()
    const { intact, checkpoints, firstSeq } = await verify(notes)
    expect(firstSeq).toBe(gone + 1)
    expect({ intact, checkpoints }).toMatchObject({
      intact: true,
      checkpoints: { confirmed: 40 - gone, expired: gone, newest: { size: 40 }, problems: [] },
    })
    // Who writes everything anew could say that whatever was signed has expired.
    const early = notes.slice(0, 2)
    expect(await verify(early)).toMatchObject({
      intact: false,
      checkpoints: { confirmed: 0, problems: [{ index: 1, reason: 'unconfirmed' }] },
    })
  })

  test('written anew with the word that what was signed has expired is confirmed by nothing', async () => {
    const notes = await grow(10)
    const { size, hash } = parseCheckpoint(notes.at(-1) ?? '')
    const gone = { segment: 1, records: size, firstSeq: 1, lastSeq: size, firstHash: hash, lastHash: hash }
    const segments = [{ ...gone, latest: '2020-01-01T00:00:00.000Z' }]
    const said = { reason: 'old', before: '2020-01-02T00:00:00.000Z' }
    const another = { ...gone, segment: 2, records: 1, firstSeq: size + 1, lastSeq: size + 1 }
    const forgeries = [
      // Right behind what was signed, and behind one more segment that never was.
      { first: 2, head: { seq: size, hash }, payload: { ...said, segments } },
      {
        first: 3,
        head: { seq: size + 1, hash: sha256Hex('x') },
        payload: { ...said, segments: [...segments, { ...segments[0], ...another, lastHash: sha256Hex('x') }] },
      },
    ]
    for (const { first, head, payload } of forgeries) {
      await rm(directory, { recursive: true })
      await (await openSegmentedLedger({ directory })).close()
      await rm(segment(1))
      const ts = '2020-01-03T00:00:00.000Z'
      const body = { seq: head.seq + 1, ts, type: 'ledger-expired', payload, prevHash: head.hash }
      await writeFile(segment(first), `${canonicalJson({ ...body, hash: canonicalDigest(body) })}\n`, { mode: 0o600 })
      await append(5)
      expect(await verifySegmentedLedger(directory)).toMatchObject({ intact: true, records: 6 })
      const { intact, checkpoints } = await verify(notes)
      expect({ intact, checkpoints }).toMatchObject({
        intact: false,
        checkpoints: { confirmed: 0, expired: notes.length, problems: [{ reason: 'unconfirmed' }] },
      })
    }
  })
})

function verify(checkpoints: readonly string[]) {
  return verifySegmentedLedger(directory, { checkpoints, publicKeys: [signer.publicKey] })
}

/** Appends, and signs a checkpoint every third record and at the end. */
async function grow(count: number): Promise<string[]> {
  const notes: string[] = []
  const ledger = await openSegmentedLedger({ directory, rotateBytes: 1000 })
  for (let n = 1; n <= count; n += 1) {
    await ledger.append('tick', { n })
    const { seq: size, hash } = ledger.durableHead
    if (n % 3 === 0 || n === count) notes.push(signCheckpoint({ origin: ORIGIN, size, hash }, [signer]))
  }
  await ledger.close()
  return notes
}

async function append(count: number): Promise<void> {
  const ledger = await openSegmentedLedger({ directory })
  for (let n = 0; n < count; n += 1) await ledger.append('other', { n })
  await ledger.close()
}

function segment(number: number): string {
  return join(directory, `${String(number).padStart(6, '0')}.jsonl`)
}

async function lastSegment(): Promise<number> {
  return (await verifySegmentedLedger(directory)).segments
}

function base64(text: string): string {
  return Buffer.from(sha256Hex(text), 'hex').toString('base64')
}
