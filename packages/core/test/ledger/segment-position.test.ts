import { appendFile, readFile, rm, truncate, writeFile } from 'node:fs/promises'

import { describe, expect, test } from 'vitest'
import { createSegmentReader, type LedgerRecord, openSegmentedLedger } from '../../src/ledger/index.js'
import { eachLedgerDirectory } from './each-ledger-directory.js'
import { collected, fill, replaceIn, segment } from './segment-files.js'

let directory: string
eachLedgerDirectory((path) => {
  directory = path
})

describe('a reader', () => {
  test('begins at any record, without reading the segments before', async () => {
    const records = await fill(directory, 30, { rotateBytes: 1200 })
    for (let fromSeq = 1; fromSeq <= 31; fromSeq += 1) {
      expect(await collected(directory, { fromSeq })).toEqual(records.slice(fromSeq - 1))
    }
    await replaceIn(directory, 1, '"n":1', '"n":7')
    expect(await collected(directory, { fromSeq: 20 })).toEqual(records.slice(19))
    await expect(collected(directory)).rejects.toMatchObject({
      code: 'JANUS_LEDGER_DAMAGED',
      data: { segment: 1, line: 2 },
    })
  })

  test('follows a writer through new segments, and another one goes on from where it stood', async () => {
    const ledger = await openSegmentedLedger({ directory, rotateBytes: 900 })
    const reader = createSegmentReader(directory)
    expect(await reader.next()).toEqual([])
    expect(reader.position).toBeUndefined()
    const seen: LedgerRecord[] = []
    const written: LedgerRecord[] = []
    for (let n = 0; n < 25; n += 1) {
      written.push(
        ...(await ledger.appendAll([
          { type: 'tick', payload: n },
          { type: 'tock', payload: n },
        ])),
      )
      if (n % 3 === 0) seen.push(...(await drained(reader)))
    }
    expect(seen).toEqual(written.slice(0, seen.length))
    const after = JSON.parse(JSON.stringify(reader.position)) as NonNullable<typeof reader.position>
    expect(after).toMatchObject({ seq: seen.at(-1)?.seq, hash: seen.at(-1)?.hash })
    await ledger.close()
    const second = createSegmentReader(directory, { after })
    expect([...seen, ...(await drained(second))]).toEqual(written)
    expect(second.position?.seq).toBe(50)
  })

  test('sees whole records only, and all of them once they are whole', async () => {
    const records = await fill(directory, 4)
    const bytes = await readFile(segment(directory, 1))
    await truncate(segment(directory, 1), bytes.length - 20)
    const reader = createSegmentReader(directory)
    expect(await drained(reader)).toEqual(records.slice(0, 3))
    await writeFile(segment(directory, 1), bytes)
    expect(await drained(reader)).toEqual(records.slice(3))
    await appendFile(segment(directory, 1), 'garbage\n')
    await expect(reader.next()).rejects.toMatchObject({
      code: 'JANUS_LEDGER_DAMAGED',
      data: { line: 5, offset: bytes.length },
    })
  })

  test('finds the history rewritten that it has read before', async () => {
    await fill(directory, 4)
    const reader = createSegmentReader(directory)
    await drained(reader)
    await rm(directory, { recursive: true })
    await fill(directory, 6, { now: () => new Date(0) })
    const after = reader.position
    if (after === undefined) throw new Error('nothing was read')
    // The lines have the same length: the reader stands at the beginning of the fifth.
    await expect(drained(createSegmentReader(directory, { after }))).rejects.toMatchObject({
      code: 'JANUS_LEDGER_DAMAGED',
    })
  })
})

async function drained(reader: ReturnType<typeof createSegmentReader>): Promise<LedgerRecord[]> {
  const all: LedgerRecord[] = []
  for (let records = await reader.next(); records.length > 0; records = await reader.next()) all.push(...records)
  return all
}
