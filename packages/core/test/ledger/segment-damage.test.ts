import { appendFile, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  canonicalDigest,
  canonicalJson,
  GENESIS_HASH,
  openSegmentedLedger,
  rewriteLedger,
  verifySegmentedLedger,
} from '../../src/ledger/index.js'
import { eachLedgerDirectory } from './each-ledger-directory.js'
import { collected, fill, keptAsIn, linesIn, refused, replaceIn, segment } from './segment-files.js'

let directory: string
eachLedgerDirectory((path) => {
  directory = path
})

describe('attack 16, garbage: what does not belong in a ledger in segments', () => {
  const harms: readonly (readonly [string, () => Promise<unknown>, object])[] = [
    ['a segment missing in the middle', () => rm(segment(directory, 2)), { segment: 2 }],
    [
      'the first segment missing',
      () => rm(segment(directory, 1)),
      { segment: 1, reason: expect.stringContaining('expired') },
    ],
    [
      'a segment emptied in the middle',
      () => truncate(segment(directory, 2)),
      { segment: 2, reason: expect.stringContaining('empty') },
    ],
    ['an unfinished line before the last segment', () => appendFile(segment(directory, 2), '{"ha'), { segment: 2 }],
    [
      'a segment cut at a line before the last one',
      async () => cutLastLine(directory, 2),
      { segment: 3, line: 1, offset: 0 },
    ],
    ['a record glued to an unfinished one', () => replaceIn(directory, 2, /^/, '{"hash":"12'), { segment: 2, line: 1 }],
    ['a record changed', () => replaceIn(directory, 1, '"n":1', '"n":7'), { segment: 1, line: 2 }],
    [
      'a segment twice',
      async () => writeFile(segment(directory, 3), await readFile(segment(directory, 2))),
      { segment: 3, line: 1 },
    ],
    ['a byte order mark', () => replaceIn(directory, 2, /^/, '\ufeff'), { segment: 2, line: 1 }],
    ['CRLF', () => replaceIn(directory, 2, /\n/g, '\r\n'), { segment: 2, line: 1 }],
    [
      'UTF-16',
      async () => writeFile(segment(directory, 2), await readFile(segment(directory, 2), 'utf8'), 'utf16le'),
      { segment: 2, line: 1 },
    ],
    ['a run of NUL', () => replaceIn(directory, 1, /\n/, `\n${'\0'.repeat(4096)}`), { segment: 1, line: 2 }],
    ['invalid UTF-8', () => appendFile(segment(directory, 1), Buffer.from([0x7b, 0xff, 0x7d, 0x0a])), { segment: 1 }],
  ]

  test.each(harms)('%s is damage, told with its place, and nothing is touched', async (_, harm, place) => {
    await fill(directory, 12, { rotateBytes: 1000 })
    await harm()
    const before = await contents(directory)
    expect((await verifySegmentedLedger(directory)).damage).toMatchObject(place)
    await expect(openSegmentedLedger({ directory })).rejects.toMatchObject({
      code: 'JANUS_LEDGER_DAMAGED',
      data: place,
    })
    expect(await contents(directory)).toEqual(before)
  })

  test.each([
    ['another record follows', [2, undefined], 2],
    ['one of its records is left out', [3, 1, undefined], 2],
    ['another group follows', [1, 1, undefined], 2],
    ['more follow than it said', [1, 2, 1, undefined], 2],
  ] as const)('a group that is not whole, because %s, is damage', async (_, mores, line) => {
    await fill(directory, 1)
    let head = { seq: 0, hash: GENESIS_HASH }
    let lines = ''
    for (const more of mores) {
      const fields = {
        seq: head.seq + 1,
        ts: '2025-01-01T00:00:00.000Z',
        type: 'part',
        payload: {},
        prevHash: head.hash,
      }
      const body = more === undefined ? fields : { ...fields, more }
      head = { seq: fields.seq, hash: canonicalDigest(body) }
      lines += `${canonicalJson({ ...body, hash: head.hash })}\n`
    }
    await writeFile(segment(directory, 1), lines)
    expect(await verifySegmentedLedger(directory)).toMatchObject({ intact: false, records: 0, damage: { line } })
    await refused(directory, 'JANUS_LEDGER_DAMAGED')
  })

  test('a rewritten ledger is none in segments', async () => {
    await fill(directory, 3)
    await rewriteLedger(segment(directory, 1), ({ seq }) => seq > 1, { reason: 'test' })
    await refused(directory, 'JANUS_LEDGER_DAMAGED')
  })

  test('other files in the directory are none of its business', async () => {
    const records = await fill(directory, 3)
    for (const name of ['notes', '1.jsonl', '0000002.jsonl', '000002.jsonl.torn-x', '00002.jsonl']) {
      await writeFile(join(directory, name), 'hello')
    }
    expect(await collected(directory)).toEqual(records)
    expect(await verifySegmentedLedger(directory)).toMatchObject({ records: 3, segments: 1 })
  })

  test('a line of a gigabyte is damage when it ends, and unfinished when it does not, and is kept as the hole it is', async () => {
    await fill(directory, 2)
    const { size } = await stat(segment(directory, 1))
    await truncate(segment(directory, 1), size + 2 ** 30)
    expect(await verifySegmentedLedger(directory)).toMatchObject({ records: 2, torn: { offset: size, bytes: 2 ** 30 } })
    await appendFile(segment(directory, 1), '\n')
    expect((await verifySegmentedLedger(directory)).damage).toMatchObject({ line: 3, offset: size })
    await truncate(segment(directory, 1), size + 2 ** 30)
    await (await openSegmentedLedger({ directory })).close()
    const kept = await stat(join(directory, keptAsIn((await collected(directory)).at(-1))))
    expect(kept.size).toBe(2 ** 30)
    expect(kept.blocks * 512).toBeLessThan(2 ** 20)
  })
})

async function cutLastLine(directory: string, number: number): Promise<void> {
  const lines = await linesIn(directory, number)
  await writeFile(segment(directory, number), `${lines.slice(0, -1).join('\n')}\n`)
}

async function contents(directory: string): Promise<Record<string, string>> {
  const names = (await readdir(directory)).filter((name) => name !== 'lock').sort()
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(directory, name), 'hex')] as const)),
  )
}
