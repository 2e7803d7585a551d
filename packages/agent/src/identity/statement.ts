import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { canonicalJson } from '@janus/core/ledger'
import type { EnrolledKey, Signature } from '../contract/actor.js'
import { keyIdOf } from './key-id.js'

/** Something that is signed. */
export interface Statement {
  /** What kind of statement it is, so that a signature under one is none under another: `decision`, `mode`. */
  readonly subject: string
  /** A JSON value; it names the record, so that a signature is good for that one only. */
  readonly body: unknown
}

/** The header of a raw Ed25519 public key as SubjectPublicKeyInfo, RFC 8410. */
const SPKI_HEADER = Buffer.from('302a300506032b6570032100', 'hex')
const SUBJECT = /^[a-z][a-z0-9-]{0,63}$/

/** The bytes that are signed: a line that separates Janus from everything else, the subject, and the RFC 8785 JSON of the body. */
export function statementBytes({ subject, body }: Statement): Buffer {
  if (!SUBJECT.test(subject)) throw new Error(`a statement cannot be about ${JSON.stringify(subject)}`)
  return Buffer.from(`janus.statement/1\n${subject}\n${canonicalJson(body)}\n`)
}

/**
 * Signs a statement.
 * @param privateKey Ed25519
 */
export function signStatement(privateKey: KeyObject, statement: Statement): Signature {
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).subarray(SPKI_HEADER.length)
  return {
    keyId: keyIdOf(publicKey),
    signature: sign(null, statementBytes(statement), privateKey).toString('base64'),
  }
}

/** True when the holder of the key signed exactly this statement. */
export function verifyStatement(key: EnrolledKey, statement: Statement, { keyId, signature }: Signature): boolean {
  const raw = Buffer.from(key.publicKey, 'base64')
  if (keyId !== key.keyId || keyIdOf(raw) !== keyId) return false
  try {
    const publicKey = createPublicKey({ key: Buffer.concat([SPKI_HEADER, raw]), type: 'spki', format: 'der' })
    return verify(null, statementBytes(statement), publicKey, Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
}
