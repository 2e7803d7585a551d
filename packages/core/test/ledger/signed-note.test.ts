import { chmod, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  createNoteKeyFile,
  createNoteSigner,
  generateNoteKey,
  parseNote,
  parsePublicKey,
  readNoteKeyFile,
  signNote,
  verifyNote,
} from '../../src/ledger/index.js'

// The vectors of golang.org/x/mod/sumdb/note, where the form comes from.
const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const PETER_PRIVATE = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz'
const ENOCH = 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop'
const TEXT =
  'If you think cryptography is the answer to your problem,\n' + "then you don't know what your problem is.\n"
const BY_PETER =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n'
const BY_ENOCH =
  '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n'

describe('a note', () => {
  test('is signed as others sign it', () => {
    expect(signNote(TEXT, [createNoteSigner(PETER_PRIVATE)])).toBe(`${TEXT}\n${BY_PETER}`)
  })

  test('is verified by the keys that are known, and by others is no matter', () => {
    const note = `${TEXT}\n${BY_PETER}${BY_ENOCH}`
    const peter = { name: 'PeterNeumann', keyId: 'c74f20a3' }
    const enoch = { name: 'EnochRoot', keyId: 'af0cfe78' }
    expect(verifyNote(note, [PETER])).toEqual({ text: TEXT, signedBy: [peter] })
    expect(verifyNote(note, [ENOCH, PETER, PETER])).toEqual({ text: TEXT, signedBy: [peter, enoch] })
    expect(() => verifyNote(note, [])).toThrow(expect.objectContaining({ data: { reason: 'unknown-key' } }))
    const other = generateNoteKey('PeterNeumann').publicKey
    expect(() => verifyNote(note, [other])).toThrow(expect.objectContaining({ data: { reason: 'unknown-key' } }))
  })

  test('with a wrong signature of a known key is refused, whoever else has signed it', () => {
    const wrong = BY_PETER.replace('Jku', 'Jkv')
    for (const signatures of [wrong, `${wrong}${BY_ENOCH}`, `${BY_ENOCH}${wrong}`, `${BY_PETER}${wrong}`]) {
      expect(() => verifyNote(`${TEXT}\n${signatures}`, [PETER, ENOCH])).toThrow(
        expect.objectContaining({ code: 'JANUS_NOTE_INVALID', data: { reason: 'bad-signature' } }),
      )
    }
    expect(verifyNote(`${TEXT}\n${wrong}${BY_ENOCH}`, [ENOCH]).signedBy).toHaveLength(1)
  })

  const malformed: readonly (readonly [string, string])[] = [
    ['no signature', TEXT],
    ['no line under it', `${TEXT}\n`],
    ['an unfinished last line', `${TEXT}\n${BY_PETER.slice(0, -1)}`],
    ['no text', `\n${BY_PETER}`],
    ['a control character', `\u0001${TEXT}\n${BY_PETER}`],
    ['a carriage return', `${TEXT.replaceAll('\n', '\r\n')}\n${BY_PETER}`],
    ['half a character', `\ud800${TEXT}\n${BY_PETER}`],
    ['a name with a space', `${TEXT}\n${BY_PETER.replace('PeterN', 'Peter N')}`],
    ['a name with a plus', `${TEXT}\n${BY_PETER.replace('PeterN', 'Peter+N')}`],
    ['a name with a space of another alphabet', `${TEXT}\n${BY_PETER.replace('PeterN', 'Peter\u00a0N')}`],
    ['another line under it', `${TEXT}\n${BY_PETER}hello\n`],
    ['a hyphen for the dash', `${TEXT}\n${BY_PETER.replace('—', '-')}`],
    ['loose base64', `${TEXT}\n${BY_PETER.replace('nAM=', 'nAN=')}`],
    ['nothing but a key id', `${TEXT}\n— PeterNeumann x08gow==\n`],
    ['a hundred and one signatures', `${TEXT}\n${BY_PETER.repeat(101)}`],
  ]
  test.each(malformed)('with %s is none', (_, note) => {
    expect(() => verifyNote(note, [PETER])).toThrow(
      expect.objectContaining({ code: 'JANUS_NOTE_INVALID', data: { reason: 'malformed' } }),
    )
  })

  test('may hold empty lines and what looks like a signature: the last empty line divides', () => {
    const text = `one\n\n${BY_PETER}\ntwo\n`
    const note = signNote(text, [createNoteSigner(PETER_PRIVATE)])
    expect(verifyNote(note, [PETER]).text).toBe(text)
    for (const bad of ['', 'no newline', 'a\r\n']) {
      expect(() => signNote(bad, [createNoteSigner(PETER_PRIVATE)])).toThrow(
        expect.objectContaining({ code: 'JANUS_NOTE_INVALID' }),
      )
    }
  })

  test('any text comes back verified, and with any one byte changed it does not', () => {
    const { privateKey, publicKey } = generateNoteKey('example.com/any')
    const signer = createNoteSigner(privateKey)
    const line = fc.string({ unit: 'grapheme' }).map((text) => `${text.replace(/\p{Cc}|\p{Cs}/gu, '')}\n`)
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), fc.nat(), (lines, at) => {
        const text = lines.join('')
        const note = signNote(text, [signer])
        expect(verifyNote(note, [publicKey]).text).toBe(text)
        const bytes = Buffer.from(note)
        const place = at % bytes.length
        bytes[place] = (bytes[place] ?? 0) ^ 1
        expect(() => verifyNote(bytes.toString('utf8'), [publicKey])).toThrow()
      }),
    )
  })
})

describe('a key', () => {
  test('is read in the one spelling it has', () => {
    expect(parsePublicKey(PETER)).toMatchObject({ name: 'PeterNeumann', keyId: 'c74f20a3' })
    expect(createNoteSigner(PETER_PRIVATE)).toMatchObject({ name: 'PeterNeumann', keyId: 'c74f20a3', publicKey: PETER })
    for (const [key, read] of [
      [PETER, parsePublicKey],
      [PETER_PRIVATE, createNoteSigner],
    ] as const) {
      for (let from = 0; from <= key.length; from += 1) {
        for (let to = from; to <= key.length; to += 1) {
          if (to - from < key.length) expect(() => read(key.slice(from, to))).toThrow('key')
        }
        const next = String.fromCharCode(key.charCodeAt(from) + 1)
        if (from < key.length) expect(() => read(key.slice(0, from) + next + key.slice(from + 1))).toThrow('key')
      }
    }
  })

  test('of another length or kind is refused, though its id fits', () => {
    for (const key of [
      'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==',
      'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    ]) {
      expect(() => parsePublicKey(key)).toThrow(expect.objectContaining({ code: 'JANUS_NOTE_KEY_INVALID' }))
    }
  })

  test('has a name without spaces, plus and control characters', () => {
    for (const name of ['', 'a b', 'a+b', 'a\nb', 'a\u0085b', 'a\u2003b', 'a\u001bb', '\ud800']) {
      expect(() => generateNoteKey(name)).toThrow(expect.objectContaining({ code: 'JANUS_NOTE_KEY_INVALID' }))
    }
  })

  test('shows nothing of its secret, also when it is refused', () => {
    const { privateKey } = generateNoteKey('example.com/agent')
    const secret = privateKey.split('+').slice(4).join('+')
    const signer = createNoteSigner(privateKey)
    const shown = `${inspect(signer, { depth: 9, showHidden: true })}${JSON.stringify(signer)}`
    expect(shown).not.toContain(secret)
    expect(shown).not.toContain(Buffer.from(secret, 'base64').subarray(1).toString('hex'))
    try {
      createNoteSigner(`${privateKey}x`)
      expect.unreachable()
    } catch (error) {
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(secret.slice(0, 20))
    }
  })

  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'janus-keys-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  test('lies in a file that only its owner reads, and is never replaced', async () => {
    const path = join(folder, 'key')
    const made = await createNoteKeyFile(path, 'example.com/agent')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    const read = await readNoteKeyFile(path)
    expect(read.publicKey).toBe(made.publicKey)
    expect(verifyNote(signNote('hello\n', [read]), [made.publicKey]).text).toBe('hello\n')
    const before = await readFile(path)
    await expect(createNoteKeyFile(path, 'example.com/agent')).rejects.toMatchObject({
      code: 'JANUS_STATE_WRITE_FAILED',
      message: `${path} exists: a key is never replaced`,
    })
    expect(await readFile(path)).toEqual(before)
  })

  test('is not taken from a file that others can read or have put there', async () => {
    const path = join(folder, 'key')
    await createNoteKeyFile(path, 'example.com/agent')
    for (const mode of [0o640, 0o604, 0o620]) {
      await chmod(path, mode)
      await expect(readNoteKeyFile(path)).rejects.toMatchObject({ code: 'JANUS_STATE_UNSAFE' })
    }
    await chmod(path, 0o600)
    await symlink(path, join(folder, 'link'))
    await expect(readNoteKeyFile(join(folder, 'link'))).rejects.toMatchObject({ code: 'JANUS_STATE_UNSAFE' })
    await expect(readNoteKeyFile(join(folder, 'absent'))).rejects.toMatchObject({ code: 'ENOENT' })
    await writeFile(join(folder, 'other'), 'hello', { mode: 0o600 })
    await expect(readNoteKeyFile(join(folder, 'other'))).rejects.toMatchObject({ code: 'JANUS_NOTE_KEY_INVALID' })
  })
})

test('a note is parsed without being believed', () => {
  expect(parseNote(`${TEXT}\n${BY_ENOCH}`).signatures).toMatchObject([{ name: 'EnochRoot', keyId: 'af0cfe78' }])
})
