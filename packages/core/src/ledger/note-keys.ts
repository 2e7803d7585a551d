import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { janusError } from '../errors/janus-error.js'
import { decodeBase64 } from './decode-base64.js'

/** A key that signs notes. What it holds besides its public half cannot be read from it. */
export interface NoteSigner {
  /** Whose key it is: a URL without its scheme, such as `example.com/agent`. */
  readonly name: string
  /** Eight hexadecimal digits. */
  readonly keyId: string
  /** Its public half, as {@link parsePublicKey} reads it. */
  readonly publicKey: string
  /** The Ed25519 signature of a text's UTF-8, 64 bytes. */
  sign(text: string): Buffer
}

/** A key that verifies notes. */
export interface NoteVerifier {
  readonly name: string
  /** Eight hexadecimal digits. */
  readonly keyId: string
  /** Whether an Ed25519 signature is that of a text's UTF-8. */
  verify(text: string, signature: Uint8Array): boolean
}

/** Both halves of a key, as text. */
export interface NoteKeyPair {
  /** `PRIVATE+KEY+<name>+<key id>+<base64>`: a secret. */
  readonly privateKey: string
  /** `<name>+<key id>+<base64>`. */
  readonly publicKey: string
}

const ED25519 = 0x01
const KEY_BYTES = 32
const PRIVATE_PREFIX = 'PRIVATE+KEY+'
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex')

/**
 * Makes an Ed25519 key for signing notes.
 * @param name whose key it is: without white space, control characters and `+`
 * @throws JANUS_NOTE_KEY_INVALID for another name
 * @see https://c2sp.org/signed-note
 */
export function generateNoteKey(name: string): NoteKeyPair {
  requireKeyName(name)
  const { privateKey } = generateKeyPairSync('ed25519')
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(PKCS8_ED25519.length)
  const encoded = rawPublicKey(privateKey)
  return {
    privateKey: `${PRIVATE_PREFIX}${encodeKey(name, seed, encoded)}`,
    publicKey: encodeKey(name, encoded, encoded),
  }
}

/**
 * Reads the secret half of a key.
 * @param privateKey as {@link generateNoteKey} made it; the encoding is that of golang.org/x/mod/sumdb/note
 * @throws JANUS_NOTE_KEY_INVALID; nothing of the text is in the error
 */
export function createNoteSigner(privateKey: string): NoteSigner {
  const text = privateKey.startsWith(PRIVATE_PREFIX) ? privateKey.slice(PRIVATE_PREFIX.length) : ''
  const { name, keyId, bytes: seed } = decodeKey(text, 'the private key')
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' })
  const encoded = rawPublicKey(key)
  if (keyIdOf(name, encoded) !== keyId) throw invalidKey('the private key is not the one its key id names')
  return {
    name,
    keyId,
    publicKey: encodeKey(name, encoded, encoded),
    sign: (message) => sign(null, Buffer.from(message), key),
  }
}

/**
 * Reads the public half of a key.
 * @param publicKey `<name>+<key id>+<base64 of the byte 1 and the 32 bytes of the key>`
 * @throws JANUS_NOTE_KEY_INVALID
 * @see https://c2sp.org/signed-note
 */
export function parsePublicKey(publicKey: string): NoteVerifier {
  const { name, keyId, bytes } = decodeKey(publicKey, 'the public key')
  if (keyIdOf(name, bytes) !== keyId) throw invalidKey('the public key is not the one its key id names')
  const key = createPublicKey({ key: Buffer.concat([SPKI_ED25519, bytes]), format: 'der', type: 'spki' })
  return { name, keyId, verify: (text, signature) => verify(null, Buffer.from(text), key, signature) }
}

/**
 * Lets the name of a key pass.
 * @throws JANUS_NOTE_KEY_INVALID when it is empty or has white space, a control character or a `+` in it
 */
export function requireKeyName(name: string): void {
  if (isKeyName(name)) return
  throw invalidKey(`${JSON.stringify(name)} cannot be the name of a key: it must have no white space and no +`)
}

/** True for what a key may be called. U+0085 is white space to Unicode, but not to `\s`. */
export function isKeyName(name: string): boolean {
  return name !== '' && !/[\s\p{White_Space}\p{Cc}\p{Cs}+]/u.test(name)
}

function keyIdOf(name: string, publicKey: Uint8Array): string {
  const data = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(ED25519), publicKey])
  return createHash('sha256').update(data).digest('hex').slice(0, 8)
}

function encodeKey(name: string, bytes: Uint8Array, publicKey: Uint8Array): string {
  return `${name}+${keyIdOf(name, publicKey)}+${Buffer.concat([Buffer.of(ED25519), bytes]).toString('base64')}`
}

function decodeKey(
  text: string,
  what: string,
): { readonly name: string; readonly keyId: string; readonly bytes: Uint8Array } {
  const [, name = '', keyId = '', data = ''] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/s.exec(text) ?? []
  const bytes = decodeBase64(data)
  if (!isKeyName(name) || bytes === undefined) throw invalidKey(`${what} is malformed`)
  if (bytes[0] !== ED25519 || bytes.length !== KEY_BYTES + 1) throw invalidKey(`${what} is not one of Ed25519`)
  return { name, keyId, bytes: bytes.subarray(1) }
}

function rawPublicKey(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(SPKI_ED25519.length)
}

function invalidKey(message: string): Error {
  return janusError('JANUS_NOTE_KEY_INVALID', message)
}
