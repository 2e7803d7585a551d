import { janusError } from '../errors/janus-error.js'
import { decodeBase64 } from './decode-base64.js'
import { GENESIS_HASH } from './ledger-record.js'
import { isKeyName, type NoteSigner } from './note-keys.js'
import { type NoteSignature, noteInvalid, parseNote, signNote, type VerifiedNote, verifyNote } from './signed-note.js'

/** What a ledger was at one time. */
export interface Checkpoint {
  /** Which ledger: a URL without its scheme that no other ledger has, such as `example.com/agent`. */
  readonly origin: string
  /** Records since its beginning: the sequence number of the last one. */
  readonly size: number
  /** Hash of that record, which covers all before it: lower-case hex; {@link GENESIS_HASH} for no record. */
  readonly hash: string
}

/** A checkpoint that at least one known key has signed. */
export interface VerifiedCheckpoint extends Checkpoint {
  /** The known keys that have signed it. */
  readonly signedBy: VerifiedNote['signedBy']
}

/** What a checkpoint must be of. */
export interface VerifyCheckpointOptions {
  /** The ledger. Default: the one that has the name of a known key that signed it. */
  readonly origin?: string
}

const HASH = /^[0-9a-f]{64}$/
const SIZE = /^(?:0|[1-9][0-9]{0,15})$/

/**
 * Signs what a ledger is: three lines (origin, size, base64 of the hash), an empty line, and the signatures. It is a tlog-checkpoint in form; its hash is
 * that of a chain, not the root of a tree.
 * @param checkpoint of records that are on the disk: its `durableHead`
 * @param signers at least one; the ledger's own key has the origin as its name
 * @throws JANUS_USAGE when it cannot be a checkpoint
 * @see https://c2sp.org/tlog-checkpoint
 */
export function signCheckpoint(checkpoint: Checkpoint, signers: readonly NoteSigner[]): string {
  const { origin, size, hash } = checkpoint
  if (!isKeyName(origin) || !HASH.test(hash) || !Number.isSafeInteger(size) || size < 0 || !fits(size, hash)) {
    throw janusError('JANUS_USAGE', 'a checkpoint needs an origin without spaces, a size and a hash', {
      data: { origin, size, hash },
    })
  }
  return signNote(`${origin}\n${size}\n${Buffer.from(hash, 'hex').toString('base64')}\n`, signers)
}

/**
 * Reads a checkpoint. Nothing in it may be believed before it is verified.
 * @throws JANUS_NOTE_INVALID with `reason` in its data
 * @see https://c2sp.org/tlog-checkpoint
 */
export function parseCheckpoint(note: string): Checkpoint & { readonly signatures: readonly NoteSignature[] } {
  const { text, signatures } = parseNote(note)
  return { ...checkpointIn(text), signatures }
}

/**
 * Verifies a checkpoint by its signatures.
 * @param publicKeys as {@link parsePublicKey} reads them
 * @throws JANUS_NOTE_INVALID with `reason` in its data: `malformed`, `unknown-key`, `bad-signature`, `wrong-origin`; JANUS_NOTE_KEY_INVALID
 */
export function verifyCheckpoint(
  note: string,
  publicKeys: readonly string[],
  { origin }: VerifyCheckpointOptions = {},
): VerifiedCheckpoint {
  const { text, signedBy } = verifyNote(note, publicKeys)
  const checkpoint = checkpointIn(text)
  const expected = origin === undefined ? signedBy.map(({ name }) => name) : [origin]
  if (!expected.includes(checkpoint.origin)) {
    throw noteInvalid('wrong-origin', `it is of ${checkpoint.origin}, not of ${expected.join(' or ')}`)
  }
  return { ...checkpoint, signedBy }
}

/** Extension lines may follow the three; what they say is not ours. */
function checkpointIn(text: string): Checkpoint {
  const [origin = '', size = '', hash = '', ...extensions] = text.slice(0, -1).split('\n')
  const bytes = decodeBase64(hash)
  if (origin === '' || !SIZE.test(size) || bytes?.length !== 32 || extensions.includes('')) {
    throw noteInvalid('malformed', 'it is not a checkpoint')
  }
  const checkpoint = { origin, size: Number(size), hash: bytes.toString('hex') }
  if (Number.isSafeInteger(checkpoint.size) && fits(checkpoint.size, checkpoint.hash)) return checkpoint
  throw noteInvalid('malformed', 'it is not a checkpoint')
}

function fits(size: number, hash: string): boolean {
  return (size === 0) === (hash === GENESIS_HASH)
}
