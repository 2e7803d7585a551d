import { openSync } from 'node:fs'
import { chmod, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type EnrolledKey,
  generateKey,
  readPassphrase,
  readPrivateKey,
  readPublicHalf,
  requireValidKey,
  signStatement,
  statementBytes,
  verifyStatement,
} from '../../src/index.js'

const INVALID = { code: 'JANUS_AGENT_KEY_INVALID' }
const ANOTHER = /^Make one with/
let folder: string
let path: string

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-keys-')))
  path = join(folder, 'ana.key')
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const enrolled = (key: { readonly keyId: string; readonly publicKey: string }): EnrolledKey => ({
  ...key,
  name: 'Ana',
  roles: ['approver'],
})

describe('a key', () => {
  test('is made once, with mode 0600, and signs', async () => {
    const key = await generateKey(path)
    expect((await stat(path)).mode & 0o7777).toBe(0o600)
    await expect(generateKey(path)).rejects.toMatchObject(INVALID)
    const statement = { subject: 'decision', body: { digest: 'abc' } }
    const signature = signStatement(await readPrivateKey(path), statement)
    expect(signature.keyId).toBe(key.keyId)
    expect(verifyStatement(enrolled(key), statement, signature)).toBe(true)
    expect(() => requireValidKey(enrolled(key))).not.toThrow()
  })

  test('with a passphrase opens with that one alone, and does not contain it', async () => {
    const key = await generateKey(path, 'correct horse')
    expect(await readPublicHalf(path)).toEqual({ ...key, encrypted: true })
    for (const wrong of [undefined, 'correct horse ', '']) {
      await expect(readPrivateKey(path, wrong)).rejects.toMatchObject(INVALID)
    }
    expect((await readPrivateKey(path, 'correct horse')).asymmetricKeyType).toBe('ed25519')
    expect(await readFile(path, 'utf8')).not.toContain('correct')
  })

  test('that does not open says the way to open it, and not to make another', async () => {
    await generateKey(path, 'correct horse')
    const remedyOf = (passphrase?: string) =>
      readPrivateKey(path, passphrase).then(
        () => undefined,
        (error: { readonly remedy: string }) => error.remedy,
      )
    expect(await remedyOf()).toBe('Give it by a descriptor: --passphrase-fd <n>.')
    expect(await remedyOf('wrong')).toBe('Give the passphrase that the key was made with.')
    await chmod(path, 0o640)
    expect(await remedyOf('correct horse')).toContain(`chmod 600 ${path}`)
  })

  test('that others may read, or that was altered, is not used', async () => {
    await generateKey(path)
    await chmod(path, 0o640)
    await expect(readPrivateKey(path)).rejects.toMatchObject(INVALID)
    await chmod(path, 0o600)
    const other = await generateKey(join(folder, 'other.key'))
    const file = JSON.parse(await readFile(path, 'utf8')) as object
    await writeFile(path, JSON.stringify({ ...file, ...other }))
    await expect(readPrivateKey(path)).rejects.toMatchObject(INVALID)
    await writeFile(path, '{"schema":"janus.private-key/1","schema":"janus.private-key/1"}')
    await expect(readPrivateKey(path)).rejects.toMatchObject(INVALID)
  })

  test.each<readonly [string, Partial<EnrolledKey>, RegExp]>([
    ['an id that does not follow from it', { keyId: '0'.repeat(16) }, ANOTHER],
    ['a public half of another length', { publicKey: 'AAAA' }, ANOTHER],
    ['a public half that is spelled in another way', { publicKey: `${'A'.repeat(43)}` }, ANOTHER],
    ['a name that hides something', { name: 'Ana\u202egro' }, /^Use letters, digits/],
    ['no role', { roles: [] }, /^Name each role/],
    ['a role twice', { roles: ['approver', 'approver'] }, /^Name each role/],
  ])('with %s is not enrolled, and says what to do', async (_what, differently, remedy) => {
    const key = enrolled(await generateKey(path))
    expect(() => requireValidKey({ ...key, ...differently })).toThrow(
      expect.objectContaining({ ...INVALID, remedy: expect.stringMatching(remedy) }),
    )
  })
})

describe('a signature', () => {
  test('is good for one statement under one subject by one key', async () => {
    const key = enrolled(await generateKey(path))
    const other = enrolled(await generateKey(join(folder, 'other.key')))
    const privateKey = await readPrivateKey(path)
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (body, changed) => {
        const signature = signStatement(privateKey, { subject: 'decision', body })
        expect(verifyStatement(key, { subject: 'decision', body }, signature)).toBe(true)
        expect(verifyStatement(key, { subject: 'mode', body }, signature)).toBe(false)
        expect(verifyStatement(other, { subject: 'decision', body }, signature)).toBe(false)
        expect(verifyStatement(other, { subject: 'decision', body }, { ...signature, keyId: other.keyId })).toBe(false)
        const same = statementBytes({ subject: 'decision', body }).equals(
          statementBytes({ subject: 'decision', body: changed }),
        )
        expect(verifyStatement(key, { subject: 'decision', body: changed }, signature)).toBe(same)
      }),
    )
  })

  test('that is no signature is not good, and nothing is thrown', async () => {
    const key = enrolled(await generateKey(path))
    const statement = { subject: 'decision', body: {} }
    for (const signature of ['', 'AAAA', '!'.repeat(100)]) {
      expect(verifyStatement(key, statement, { keyId: key.keyId, signature })).toBe(false)
    }
    expect(verifyStatement({ ...key, publicKey: '' }, statement, { keyId: key.keyId, signature: '' })).toBe(false)
  })

  test('covers a line that nothing but Janus signs', () => {
    expect(statementBytes({ subject: 'decision', body: { b: 1, a: 'ü\n' } }).toString()).toBe(
      'janus.statement/1\ndecision\n{"a":"ü\\n","b":1}\n',
    )
  })
})

describe('a passphrase', () => {
  const fromDescriptor = async (content: string) => {
    await writeFile(join(folder, 'passphrase'), content)
    return readPassphrase(openSync(join(folder, 'passphrase'), 'r'))
  }

  test('is the first line of what the descriptor gives', async () => {
    expect(await fromDescriptor('correct horse\nbattery')).toBe('correct horse')
    expect(await fromDescriptor('staple\r\n')).toBe('staple')
    expect(await fromDescriptor('no newline')).toBe('no newline')
  })

  test('is neither empty nor endless', async () => {
    await expect(fromDescriptor('\n')).rejects.toMatchObject(INVALID)
    await expect(fromDescriptor('x'.repeat(5000))).rejects.toMatchObject(INVALID)
  })

  test('is not in the file that it encrypts', async () => {
    await generateKey(path, 'canary-secret-4711')
    expect(await readFile(path, 'utf8')).not.toContain('canary')
  })
})
