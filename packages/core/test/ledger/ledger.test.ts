import { appendFile, chmod, chown, lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  type Ledger,
  type LedgerRecord,
  openLedger,
  readLedger,
  readRecords,
  sha256Hex,
  verifyLedger,
} from '../../src/ledger/index.js'

let directory: string
let path: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'janus-ledger-'))
  path = join(directory, 'journal.jsonl')
})
afterEach(() => rm(directory, { recursive: true, force: true }))

test('records come back in order, chained from sixty-four zeros', async () => {
  const ledger = await openLedger({ path, now: () => new Date('2024-05-06T07:08:09.010Z') })
  const first = await ledger.append('intent', { step: 1, text: 'ümläut \u2028 \ud800' })
  const second = await ledger.append('done', null)
  await ledger.close()
  expect(first).toMatchObject({ seq: 1, ts: '2024-05-06T07:08:09.010Z', prevHash: '0'.repeat(64) })
  expect(second).toMatchObject({ seq: 2, prevHash: first.hash })
  expect(await readLedger(path)).toEqual([first, second])
  expect(await verifyLedger(path)).toEqual({ records: 2, lastHash: second.hash })
})

test('the hash is SHA-256 over the RFC 8785 JSON without the hash', async () => {
  const ledger = await openLedger({ path, now: () => new Date(0) })
  await ledger.append('a', { z: 1, a: 0.1 })
  await ledger.close()
  const { createHash } = await import('node:crypto')
  const zeros = '0'.repeat(64)
  const body = `{"payload":{"a":0.1,"z":1},"prevHash":"${zeros}","seq":1,"ts":"1970-01-01T00:00:00.000Z","type":"a"}`
  const hash = createHash('sha256').update(body).digest('hex')
  expect(await readFile(path, 'utf8')).toBe(`{"hash":"${hash}",${body.slice(1)}\n`)
})

test('appending goes on where the last process ended', async () => {
  const before = await fill(path, 3)
  const ledger = await openLedger({ path })
  expect(ledger.lastSeq).toBe(3)
  const next = await ledger.append('more', {})
  await ledger.close()
  expect(next).toMatchObject({ seq: 4, prevHash: before[2]?.hash })
})

test('sixty-four concurrent producers share writes and lose nothing', async () => {
  const { systemFileOperations } = await import('../../src/state/index.js')
  let syncs = 0
  const fileOperations = {
    ...systemFileOperations,
    fsync: (descriptor: number) => {
      syncs += 1
      return systemFileOperations.fsync(descriptor)
    },
  }
  const ledger = await openLedger({ path, fileOperations })
  const produce = async (producer: number): Promise<LedgerRecord[]> => {
    const records: LedgerRecord[] = []
    for (let n = 0; n < 20; n += 1) records.push(await ledger.append('tick', { producer, n }))
    return records
  }
  const acknowledged = (await Promise.all(Array.from({ length: 64 }, (_, producer) => produce(producer)))).flat()
  await ledger.close()
  const found = await readLedger(path)
  expect(found).toHaveLength(1280)
  expect(new Set(found.map(({ hash }) => hash))).toEqual(new Set(acknowledged.map(({ hash }) => hash)))
  expect(syncs).toBeLessThan(1280 / 4)
})

test('a second opening for writing is refused while the first is open', async () => {
  const ledger = await openLedger({ path })
  await expect(openLedger({ path })).rejects.toMatchObject({ code: 'JANUS_STATE_LOCKED' })
  await ledger.close()
  await (await openLedger({ path })).close()
})

test('an unfinished last line is cut, kept aside and told', async () => {
  const before = await fill(path, 2)
  const { size } = await lstat(path)
  await appendFile(path, '{"hash":"12')
  expect(await verifyLedger(path)).toMatchObject({ records: 2, torn: { offset: size, bytes: 11 } })
  const ledger = await openLedger({ path, now: () => new Date('2024-05-06T07:08:09.010Z') })
  await ledger.append('next', {})
  await ledger.close()
  const records = await readLedger(path)
  expect(records.slice(0, 2)).toEqual(before)
  const keptAs = 'journal.jsonl.torn-2024-05-06T07-08-09-010Z'
  expect(records[2]).toMatchObject({ type: 'ledger-repaired', payload: { offset: size, bytes: 11, keptAs } })
  expect(records[3]).toMatchObject({ type: 'next' })
  expect(await readFile(join(directory, keptAs), 'utf8')).toBe('{"hash":"12')
})

test('damage before the end is reported with its place and the file is left alone', async () => {
  await fill(path, 3)
  const lines = (await readFile(path, 'utf8')).split('\n')
  const damaged = [lines[0], lines[1]?.replace('tick', 'tock'), lines[2], ''].join('\n')
  await writeFile(path, damaged)
  const offset = (lines[0]?.length ?? 0) + 1
  await expect(openLedger({ path })).rejects.toMatchObject({ code: 'JANUS_LEDGER_DAMAGED', data: { line: 2, offset } })
  expect(await readFile(path, 'utf8')).toBe(damaged)
  expect(await readdir(directory)).toEqual(['journal.jsonl'])
  const seen: number[] = []
  const reading = (async () => {
    for await (const { seq } of readRecords(path)) seen.push(seq)
  })()
  await expect(reading).rejects.toMatchObject({ code: 'JANUS_LEDGER_DAMAGED' })
  expect(seen).toEqual([1])
})

const hostile: readonly (readonly [string, (text: Buffer) => Buffer])[] = [
  ['a byte order mark', (text) => Buffer.concat([Buffer.from('\ufeff'), text])],
  ['CRLF line ends', (text) => Buffer.from(text.toString().replaceAll('\n', '\r\n'))],
  ['a run of NUL amid the file', (text) => Buffer.concat([text.subarray(0, 40), Buffer.alloc(64), text.subarray(40)])],
  ['invalid UTF-8', (text) => Buffer.concat([text, Buffer.from([0x7b, 0xff, 0xfe, 0x7d, 0x0a])])],
  ['an empty line', (text) => Buffer.concat([text, Buffer.from('\n')])],
  ['a record taken out', (text) => Buffer.from(text.toString().split('\n').toSpliced(1, 1).join('\n'))],
  ['a record repeated', (text) => Buffer.concat([text, text.subarray(0, text.indexOf(10) + 1)])],
  ['deeply nested JSON', (text) => Buffer.concat([text, Buffer.from(`${'['.repeat(50_000)}${']'.repeat(50_000)}\n`)])],
  ['a finished line of 17 MiB', (text) => Buffer.concat([text, Buffer.alloc(17 << 20, 0x20), Buffer.from('\n')])],
]

test.each(hostile)('%s is damage', async (_, harm) => {
  await fill(path, 3)
  const harmed = harm(await readFile(path))
  await writeFile(path, harmed)
  expect((await verifyLedger(path)).damage).toBeDefined()
  await expect(openLedger({ path })).rejects.toMatchObject({ code: 'JANUS_LEDGER_DAMAGED' })
  expect((await readFile(path)).equals(harmed)).toBe(true)
})

test('a run of NUL, garbage, or 17 MiB without a line end at the end is an unfinished line', async () => {
  for (const tail of [Buffer.alloc(4096), Buffer.from([0xff, 0xfe]), Buffer.alloc(17 << 20, 0x61)]) {
    await rm(path, { force: true })
    const before = await fill(path, 3)
    await appendFile(path, tail)
    expect(await verifyLedger(path)).toMatchObject({ records: 3, torn: { bytes: tail.length } })
    const ledger = await openLedger({ path })
    await ledger.close()
    const records = await readLedger(path)
    expect(records.slice(0, 3)).toEqual(before)
    expect(records[3]?.type).toBe('ledger-repaired')
    const { keptAs } = (records[3] as LedgerRecord).payload as { keptAs: string }
    expect((await readFile(join(directory, keptAs))).equals(tail)).toBe(true)
  }
})

test('what is not JSON is refused before it reaches the file, and the ledger goes on', async () => {
  const ledger = await openLedger({ path })
  for (const payload of [undefined, Number.NaN, { f: () => 1 }, 10n, { deep: [Number.POSITIVE_INFINITY] }]) {
    await expect(ledger.append('bad', payload)).rejects.toMatchObject({ code: 'JANUS_INTERNAL' })
  }
  await expect(ledger.append('ledger-pruned', {})).rejects.toMatchObject({ code: 'JANUS_INTERNAL' })
  await expect(ledger.append('long', 'x'.repeat(17 << 20))).rejects.toMatchObject({ code: 'JANUS_INTERNAL' })
  expect(await ledger.append('good', {})).toMatchObject({ seq: 1 })
  await ledger.close()
  expect(await readLedger(path)).toHaveLength(1)
})

test('another spelling of the same record is damage, even when its hash was made to fit', async () => {
  await fill(path, 1)
  const [line = ''] = (await readFile(path, 'utf8')).split('\n')
  const body = `{${line.slice(75)}`
  const spellings = [
    body.replace('"n":0', '"n":0.0'),
    body.replace('"n":0', '"n":0,"n":0'),
    body.replace('"n":0', '"n" :0'),
    body.replace('"n":0', '"z":1,"n":0'),
    body.replace('tick', '\\u0074ick'),
    body.replace('"n":0', '"9":1,"10":1'),
  ]
  for (const spelling of spellings) {
    expect(spelling).not.toBe(body)
    await writeFile(path, `{"hash":"${sha256Hex(spelling)}",${spelling.slice(1)}\n`)
    expect((await verifyLedger(path)).damage?.reason).toBe('it is not in canonical form')
  }
})

test('keys that look like numbers are canonical in the order of their text', async () => {
  const ledger = await openLedger({ path })
  await ledger.append('keys', { 9: 'a', 10: 'b', é: { 2: 1, 11: 1 }, __proto__: 1 })
  await ledger.close()
  expect(await verifyLedger(path)).toMatchObject({ records: 1 })
  expect((await verifyLedger(path)).damage).toBeUndefined()
})

test('after close nothing can be appended, and closing again is harmless', async () => {
  const ledger = await openLedger({ path })
  const last = ledger.append('last', {})
  await ledger.close()
  await ledger.close()
  expect(await last).toMatchObject({ seq: 1 })
  await expect(ledger.append('late', {})).rejects.toMatchObject({ code: 'JANUS_LEDGER_WRITE_FAILED' })
})

test('an absent ledger has no records and reading creates nothing', async () => {
  expect(await readLedger(path)).toEqual([])
  expect(await verifyLedger(path)).toEqual({ records: 0, lastHash: '0'.repeat(64) })
  expect(await readdir(directory)).toEqual([])
})

test('links, other kinds of file, loose modes and strange owners are refused', async () => {
  await fill(join(directory, 'real'), 1)
  await symlink(join(directory, 'real'), path)
  await refused('JANUS_STATE_UNSAFE')
  await rm(path)
  const { execFileSync } = await import('node:child_process')
  execFileSync('mkfifo', [path])
  await refused('JANUS_STATE_UNSAFE')
  await rm(path)
  await fill(path, 1)
  await chmod(path, 0o666)
  await refused('JANUS_STATE_UNSAFE')
  await chmod(path, 0o600)
  if (process.geteuid?.() === 0) {
    await chown(path, 4242, 4242)
    await refused('JANUS_STATE_UNSAFE')
  }
})

async function refused(code: string): Promise<void> {
  await expect(openLedger({ path })).rejects.toMatchObject({ code })
  await expect(verifyLedger(path)).rejects.toMatchObject({ code })
}

async function fill(file: string, count: number): Promise<LedgerRecord[]> {
  const ledger: Ledger = await openLedger({ path: file })
  const records = await Promise.all(Array.from({ length: count }, (_, n) => ledger.append('tick', { n })))
  await ledger.close()
  return records
}
