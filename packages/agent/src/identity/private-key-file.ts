import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  scrypt,
} from 'node:crypto'
import { constants } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { errnoOf, fsyncDirectory, openOwnFile, systemFileOperations } from '@janus/core/state'
import * as z from '@janus/core/zod'
import { agentError } from '../errors/agent-error.js'
import { parseJson } from '../json/parse-json.js'
import { quoteWord } from '../review/quote-word.js'
import { keyIdOf } from './key-id.js'

/** The public half of a key that was made. */
export interface GeneratedKey {
  readonly keyId: string
  /** Raw, base64. */
  readonly publicKey: string
}

const KEY_MODE = 0o600
const SPKI_HEADER_BYTES = 12
// RFC 7914 with 64 MiB: some 0.2 s for one guess.
const SCRYPT = { N: 65536, r: 8, p: 1, maxmem: 128 * 1024 * 1024 }
const deriveKey = promisify<string, Buffer, number, typeof SCRYPT, Buffer>(scrypt)

const base64 = z.string().max(400)
const fileSchema = z.strictObject({
  schema: z.literal('janus.private-key/1'),
  keyId: z.string(),
  publicKey: base64,
  /** PKCS #8, DER. */
  privateKey: z.union([
    z.strictObject({ plain: base64 }),
    z.strictObject({ scrypt: z.strictObject({ salt: base64, iv: base64, tag: base64, data: base64 }) }),
  ]),
})

/**
 * Makes an Ed25519 key and writes its private half to a new file with mode 0600.
 * @param path absolute; nothing may be there
 * @param passphrase encrypts the file (scrypt, AES-256-GCM); it comes from a terminal or a descriptor, never from argv
 * @throws JANUS_AGENT_KEY_INVALID when something is there already; the errno error of the call that failed
 */
export async function generateKey(path: string, passphrase?: string): Promise<GeneratedKey> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const der = privateKey.export({ type: 'pkcs8', format: 'der' })
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(SPKI_HEADER_BYTES)
  const key = { keyId: keyIdOf(raw), publicKey: raw.toString('base64') }
  const file: z.infer<typeof fileSchema> = {
    schema: 'janus.private-key/1',
    ...key,
    privateKey:
      passphrase === undefined ? { plain: der.toString('base64') } : await encrypt(der, passphrase, key.keyId),
  }
  await writeNew(path, `${JSON.stringify(file, null, 2)}\n`)
  return key
}

/**
 * Reads a private key that {@link generateKey} wrote.
 * @throws JANUS_AGENT_KEY_INVALID for a file that is none or that others may read, a passphrase that is missing or wrong; JANUS_STATE_UNSAFE for one that others could
 * have put there; JANUS_STATE_DENIED
 */
export async function readPrivateKey(path: string, passphrase?: string): Promise<KeyObject> {
  const { keyId, publicKey, privateKey } = await readKeyFile(path)
  const der =
    'plain' in privateKey ? Buffer.from(privateKey.plain, 'base64') : await decrypt(path, privateKey, keyId, passphrase)
  const key = createPrivateKey({ key: der, type: 'pkcs8', format: 'der' })
  const raw = createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(SPKI_HEADER_BYTES)
  if (raw.toString('base64') !== publicKey || keyIdOf(raw) !== keyId)
    throw invalid(path, 'holds two halves that do not belong together')
  return key
}

/** The public half of a private key file, without its passphrase. @throws as {@link readPrivateKey} */
export async function readPublicHalf(path: string): Promise<GeneratedKey & { readonly encrypted: boolean }> {
  const { keyId, publicKey, privateKey } = await readKeyFile(path)
  return { keyId, publicKey, encrypted: 'scrypt' in privateKey }
}

async function readKeyFile(path: string): Promise<z.infer<typeof fileSchema>> {
  const { descriptor, mode } = await openOwnFile(path, { write: false }).catch((cause: unknown) => {
    throw errnoOf(cause) === 'ENOENT' ? invalid(path, 'is not there', { cause }) : cause
  })
  await systemFileOperations.close(descriptor)
  if ((mode & 0o077) !== 0) {
    const remedy = `Make a new key, or, if nobody else has ever been on this machine: chmod 600 ${quoteWord(path)}`
    throw invalid(path, `may be read by others (mode 0${mode.toString(8)})`, { remedy })
  }
  let value: unknown
  try {
    value = parseJson(await readFile(path, 'utf8'))
  } catch (cause) {
    throw invalid(path, 'is not a private key of Janus', { cause })
  }
  const parsed = fileSchema.safeParse(value)
  if (!parsed.success) throw invalid(path, 'is not a private key of Janus', { cause: parsed.error })
  return parsed.data
}

async function encrypt(
  der: Buffer,
  passphrase: string,
  keyId: string,
): Promise<{ readonly scrypt: { salt: string; iv: string; tag: string; data: string } }> {
  const [salt, iv] = [randomBytes(16), randomBytes(12)]
  const cipher = createCipheriv('aes-256-gcm', await deriveKey(passphrase.normalize('NFC'), salt, 32, SCRYPT), iv)
  cipher.setAAD(Buffer.from(keyId))
  const data = Buffer.concat([cipher.update(der), cipher.final()])
  const text = (bytes: Buffer): string => bytes.toString('base64')
  return { scrypt: { salt: text(salt), iv: text(iv), tag: text(cipher.getAuthTag()), data: text(data) } }
}

async function decrypt(
  path: string,
  { scrypt: sealed }: { readonly scrypt: { salt: string; iv: string; tag: string; data: string } },
  keyId: string,
  passphrase: string | undefined,
): Promise<Buffer> {
  if (passphrase === undefined)
    throw invalid(path, 'needs its passphrase', { remedy: 'Give it by a descriptor: --passphrase-fd <n>.' })
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64')
  try {
    const secret = await deriveKey(passphrase.normalize('NFC'), bytes(sealed.salt), 32, SCRYPT)
    const decipher = createDecipheriv('aes-256-gcm', secret, bytes(sealed.iv), { authTagLength: 16 })
    decipher.setAAD(Buffer.from(keyId))
    decipher.setAuthTag(bytes(sealed.tag))
    return Buffer.concat([decipher.update(bytes(sealed.data)), decipher.final()])
  } catch {
    // The cause would say no more, and is best not kept beside a passphrase.
    throw invalid(path, 'does not open with this passphrase', {
      remedy: 'Give the passphrase that the key was made with.',
    })
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  let descriptor: number
  try {
    descriptor = await systemFileOperations.open(path, flags, KEY_MODE)
  } catch (cause) {
    if (errnoOf(cause) === 'EEXIST') {
      throw invalid(path, 'is there already and is not overwritten', { remedy: 'Name another file.', cause })
    }
    throw cause
  }
  try {
    const bytes = Buffer.from(text)
    const written = await systemFileOperations.write(descriptor, bytes)
    if (written !== bytes.length) throw new Error(`only ${written} of ${bytes.length} bytes of ${path} were written`)
    await systemFileOperations.fsync(descriptor)
  } finally {
    await systemFileOperations.close(descriptor)
  }
  await fsyncDirectory(dirname(path))
}

function invalid(
  path: string,
  problem: string,
  details: { readonly remedy?: string; readonly cause?: unknown } = {},
): Error {
  return agentError('JANUS_AGENT_KEY_INVALID', `${path} ${problem}`, { data: { path }, ...details })
}
