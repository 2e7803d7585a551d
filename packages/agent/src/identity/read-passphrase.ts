import { createReadStream } from 'node:fs'
import { agentError } from '../errors/agent-error.js'

const MOST_BYTES = 4096

/**
 * Reads a passphrase from a descriptor that the caller was given: everything up to its end, or its first line.
 * @param descriptor open for reading, 0 for stdin; it is closed
 * @throws JANUS_AGENT_KEY_INVALID for an empty or endless one
 */
export async function readPassphrase(descriptor: number): Promise<string> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of createReadStream('', { fd: descriptor })) {
    pieces.push(piece as Buffer)
    length += (piece as Buffer).length
    if (length > MOST_BYTES || (piece as Buffer).includes(0x0a)) break
  }
  const [line = ''] = Buffer.concat(pieces).toString('utf8').split('\n')
  const passphrase = line.replace(/\r$/, '')
  if (passphrase === '' || length > MOST_BYTES) {
    const problem = passphrase === '' ? 'is empty' : `is longer than ${MOST_BYTES} bytes`
    throw agentError('JANUS_AGENT_KEY_INVALID', `the passphrase from descriptor ${descriptor} ${problem}`, {
      remedy: 'Write the passphrase to that descriptor, on one line.',
    })
  }
  return passphrase
}
