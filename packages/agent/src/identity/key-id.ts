import { createHash } from 'node:crypto'
import type { EnrolledKey } from '../contract/actor.js'
import { agentError } from '../errors/agent-error.js'

const RAW_BYTES = 32
const ID_DIGITS = 16
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,99}$/u

/** The id of a key: the first 16 hexadecimal digits of the SHA-256 over its raw public half. */
export function keyIdOf(publicKey: Uint8Array): string {
  return createHash('sha256').update(publicKey).digest('hex').slice(0, ID_DIGITS)
}

/**
 * Refuses a key that cannot be enrolled: its id does not follow from it, its name could deceive, it may sign for nothing.
 * @throws JANUS_AGENT_KEY_INVALID
 */
export function requireValidKey({ keyId, name, publicKey, roles }: EnrolledKey): void {
  const raw = Buffer.from(publicKey, 'base64')
  const refuse = (problem: string, remedy?: string): never => {
    throw agentError('JANUS_AGENT_KEY_INVALID', `the key ${JSON.stringify(keyId)} ${problem}`, {
      ...(remedy === undefined ? {} : { remedy }),
      data: { keyId },
    })
  }
  if (raw.length !== RAW_BYTES || raw.toString('base64') !== publicKey) refuse('is not a raw Ed25519 key in base64')
  if (keyIdOf(raw) !== keyId) refuse('has another id than its public key')
  if (!NAME.test(name))
    refuse('has no printable name of at most 100 characters', 'Use letters, digits, spaces and . _ @ - in its name.')
  if (roles.length === 0 || new Set(roles).size !== roles.length)
    refuse('must have roles, each once', 'Name each role that its holder has, once.')
}
