import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { keyIdOf } from '../../src/identity/key-id.js'
import type { AgentRecord, EnrolledKey } from '../../src/index.js'
import { enrol } from './decision-context.js'

/** A key with which a person signs. */
export interface SigningKey {
  readonly enrolled: EnrolledKey
  readonly privateKey: KeyObject
}

/** Makes a key and enrols it without further ado. @param more what is other than for an approver */
export async function enrolSigningKey(
  record: AgentRecord,
  name: string,
  more: Partial<EnrolledKey> = {},
): Promise<SigningKey> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(12)
  const publicBytes = raw.toString('base64')
  const enrolled: EnrolledKey = { keyId: keyIdOf(raw), name, publicKey: publicBytes, roles: ['approver'], ...more }
  await enrol(record, enrolled)
  return { enrolled, privateKey }
}
