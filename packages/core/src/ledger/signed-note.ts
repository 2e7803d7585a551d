import { janusError } from '../errors/janus-error.js'
import { decodeBase64 } from './decode-base64.js'
import { isKeyName, type NoteSigner, type NoteVerifier, parsePublicKey } from './note-keys.js'

/** A signature on a note. */
export interface NoteSignature {
  /** Name of the key. */
  readonly name: string
  /** Eight hexadecimal digits. */
  readonly keyId: string
  readonly signature: Uint8Array
}

/** A note and what stands under it, verified or not. */
export interface SignedNote {
  /** Lines, each with its newline. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** A note that at least one known key has signed. */
export interface VerifiedNote {
  readonly text: string
  /** The known keys that have signed it. */
  readonly signedBy: readonly { readonly name: string; readonly keyId: string }[]
}

/** Why a note is not accepted. */
export type NoteProblem = 'malformed' | 'unknown-key' | 'bad-signature' | 'wrong-origin'

const MOST_SIGNATURES = 100
const KEY_ID_BYTES = 4

/**
 * Signs a text.
 * @param text lines without control characters, each with its newline
 * @param signers at least one
 * @throws JANUS_NOTE_INVALID when the text cannot be that of a note
 * @see https://c2sp.org/signed-note
 */
export function signNote(text: string, signers: readonly NoteSigner[]): string {
  const lines = signers.map((signer) => {
    const signature = Buffer.concat([Buffer.from(signer.keyId, 'hex'), signer.sign(text)])
    return `— ${signer.name} ${signature.toString('base64')}\n`
  })
  const note = `${text}\n${lines.join('')}`
  if (parseNote(note).text !== text) throw noteInvalid('malformed', 'the text does not end with a newline')
  return note
}

/**
 * Reads a note. Nothing in it may be believed before it is verified.
 * @throws JANUS_NOTE_INVALID with `reason` in its data
 * @see https://c2sp.org/signed-note
 */
export function parseNote(note: string): SignedNote {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a note has none but newlines
  if (/[\0-\x09\x0b-\x1f]|\p{Cs}/u.test(note)) throw noteInvalid('malformed', 'it has control characters in it')
  const split = note.lastIndexOf('\n\n')
  if (split < 0 || !note.endsWith('\n')) throw noteInvalid('malformed', 'it has no signatures')
  const lines = note.slice(split + 2, -1).split('\n')
  if (lines.length > MOST_SIGNATURES) throw noteInvalid('malformed', `it has more than ${MOST_SIGNATURES} signatures`)
  return { text: note.slice(0, split + 1), signatures: lines.map(parseSignature) }
}

/**
 * Verifies a note: at least one of the known keys must have signed it, and none of them may have a wrong signature on it. Signatures by other
 * keys are ignored.
 * @param publicKeys as {@link parsePublicKey} reads them
 * @throws JANUS_NOTE_INVALID with `reason` in its data; JANUS_NOTE_KEY_INVALID
 * @see https://c2sp.org/signed-note
 */
export function verifyNote(note: string, publicKeys: readonly string[]): VerifiedNote {
  const { text, signatures } = parseNote(note)
  const verifiers = knownKeys(publicKeys)
  const signedBy = new Map<string, { readonly name: string; readonly keyId: string }>()
  for (const { name, keyId, signature } of signatures) {
    const verifier = verifiers.get(`${name}+${keyId}`)
    if (verifier === undefined) continue
    if (!verifier.verify(text, signature)) throw noteInvalid('bad-signature', `the signature by ${name} is wrong`)
    signedBy.set(`${name}+${keyId}`, { name, keyId })
  }
  if (signedBy.size === 0) throw noteInvalid('unknown-key', 'no key that is known has signed it')
  return { text, signedBy: [...signedBy.values()] }
}

/** The error that says why a note is not accepted. */
export function noteInvalid(reason: NoteProblem, detail: string): Error {
  return janusError('JANUS_NOTE_INVALID', `the note is not accepted: ${detail}`, { data: { reason } })
}

function parseSignature(line: string): NoteSignature {
  const [, name = '', data = ''] = /^— (\S+) (\S+)$/u.exec(line) ?? []
  const bytes = decodeBase64(data)
  if (!isKeyName(name) || bytes === undefined || bytes.length <= KEY_ID_BYTES) {
    throw noteInvalid('malformed', 'a line under it is not a signature')
  }
  return { name, keyId: bytes.toString('hex', 0, KEY_ID_BYTES), signature: bytes.subarray(KEY_ID_BYTES) }
}

function knownKeys(publicKeys: readonly string[]): ReadonlyMap<string, NoteVerifier> {
  const verifiers = new Map<string, NoteVerifier>()
  for (const publicKey of new Set(publicKeys)) {
    const verifier = parsePublicKey(publicKey)
    const id = `${verifier.name}+${verifier.keyId}`
    if (verifiers.has(id)) throw janusError('JANUS_NOTE_KEY_INVALID', `two different keys are both called ${id}`)
    verifiers.set(id, verifier)
  }
  return verifiers
}
