import { createHash } from 'node:crypto'
import { chmod, lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSavedBytes, systemFileOperations, writeFileDurably } from '../../src/state/index.js'

let directory: string
let saved: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'janus-saved-'))
  saved = join(directory, 'saved')
})
afterEach(() => rm(directory, { recursive: true, force: true }))

test('bytes and files come back as they were, under their SHA-256, once', async () => {
  const store = createSavedBytes(saved)
  const bytes = Buffer.from([0, 255, 10, 13, 0])
  const sha256 = await store.save(bytes)
  expect(sha256).toBe(createHash('sha256').update(bytes).digest('hex'))
  await writeFile(join(directory, 'file'), bytes)
  expect(await store.save({ path: join(directory, 'file') })).toBe(sha256)
  expect(await store.save(bytes)).toBe(sha256)
  expect(await readdir(saved)).toEqual([sha256])
  expect((await store.load(sha256)).equals(bytes)).toBe(true)
  expect((await lstat(join(saved, sha256))).mode & 0o7777).toBe(0o600)
  expect((await lstat(saved)).mode & 0o7777).toBe(0o700)
})

test('any bytes come back', async () => {
  const store = createSavedBytes(saved)
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
      expect((await store.load(await store.save(bytes))).equals(bytes)).toBe(true)
    }),
    { numRuns: 30 },
  )
})

test('altered, missing and impossible names are missing bytes, and saving again mends them', async () => {
  const store = createSavedBytes(saved)
  const bytes = Buffer.from('precious')
  const sha256 = await store.save(bytes)
  await writeFile(join(saved, sha256), 'altered!')
  const missing = { code: 'JANUS_SAVED_BYTES_MISSING' }
  await expect(store.load(sha256)).rejects.toMatchObject(missing)
  await expect(store.load('0'.repeat(64))).rejects.toMatchObject(missing)
  await expect(store.load('../../etc/passwd')).rejects.toMatchObject(missing)
  await store.save(bytes)
  expect((await store.load(sha256)).toString()).toBe('precious')
})

test('links and directories are not saved', async () => {
  const store = createSavedBytes(saved)
  await writeFile(join(directory, 'file'), 'x')
  await symlink('file', join(directory, 'link'))
  await expect(store.save({ path: join(directory, 'link') })).rejects.toMatchObject({ code: 'ELOOP' })
  await expect(store.save({ path: directory })).rejects.toMatchObject({ code: 'JANUS_CHANGE_REFUSED' })
  await expect(store.save({ path: join(directory, 'absent') })).rejects.toMatchObject({ code: 'ENOENT' })
  expect(await readdir(saved)).toEqual([])
})

test('what nothing refers to is removed, and what interrupted writes left', async () => {
  const store = createSavedBytes(saved)
  expect(await store.removeUnreferenced(new Set())).toEqual([])
  const kept = await store.save(Buffer.from('kept'))
  const dropped = await store.save(Buffer.from('dropped'))
  await writeFile(join(saved, `.${kept}.janus-0123456789abcdef`), 'half')
  await writeFile(join(saved, 'README'), 'not ours')
  expect(await store.removeUnreferenced(new Set([kept]))).toEqual([dropped])
  expect((await readdir(saved)).sort()).toEqual([kept, 'README'].sort())
})

test('a file is replaced whole, with mode and without a trace', async () => {
  const path = join(directory, 'config')
  await writeFile(path, 'old')
  await chmod(path, 0o600)
  await writeFileDurably(path, Buffer.from('new'), { mode: 0o4755 })
  expect(await readFile(path, 'utf8')).toBe('new')
  expect((await lstat(path)).mode & 0o7777).toBe(0o4755)
  expect(await readdir(directory)).toEqual(['config'])
})

test('a link is replaced, what it led to is not touched', async () => {
  await writeFile(join(directory, 'target'), 'precious')
  await symlink('target', join(directory, 'link'))
  await writeFileDurably(join(directory, 'link'), Buffer.from('new'), { mode: 0o644 })
  expect(await readFile(join(directory, 'target'), 'utf8')).toBe('precious')
  expect(await readFile(join(directory, 'link'), 'utf8')).toBe('new')
})

test('a name of 255 bytes can be written', async () => {
  const path = join(directory, 'ü'.repeat(127))
  await writeFileDurably(path, Buffer.from('new'), { mode: 0o644 })
  expect(await readFile(path, 'utf8')).toBe('new')
})

test('when a write fails the old file stands and nothing is left beside it', async () => {
  const path = join(directory, 'config')
  await writeFile(path, 'old')
  const full = () => Promise.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }))
  const oneByteThenFull = (() => {
    let calls = 0
    return (descriptor: number, bytes: Uint8Array) => {
      calls += 1
      return calls === 1 ? systemFileOperations.write(descriptor, bytes.subarray(0, 1)) : full()
    }
  })()
  for (const fault of [{ write: full }, { write: oneByteThenFull }, { fsync: full }]) {
    const operations = { ...systemFileOperations, ...fault }
    const writing = writeFileDurably(path, Buffer.from('new'), { mode: 0o644, operations })
    await expect(writing).rejects.toMatchObject({ code: 'ENOSPC' })
    expect(await readFile(path, 'utf8')).toBe('old')
    expect(await readdir(directory)).toEqual(['config'])
  }
})
