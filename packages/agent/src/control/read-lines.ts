import type { Readable } from 'node:stream'
import { agentError } from '../errors/agent-error.js'

const NEWLINE = 0x0a
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads lines of text as they come; no more of a line is kept than may be in it. What is behind the last newline is no line.
 * @param most bytes of one line
 * @throws JANUS_AGENT_REQUEST_INVALID for a line that is longer, or is not UTF-8
 */
export async function* readLines(stream: Readable, most: number): AsyncGenerator<string, void, undefined> {
  let pieces: Buffer[] = []
  let length = 0
  // The stream outlives the reading: whoever sent too much is still told.
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      pieces.push(chunk.subarray(start, end))
      requireShort(length + end - start, most)
      yield decode(Buffer.concat(pieces))
      pieces = []
      length = 0
      start = end + 1
    }
    pieces.push(chunk.subarray(start))
    length += chunk.length - start
    requireShort(length, most)
  }
}

function requireShort(length: number, most: number): void {
  if (length > most) throw agentError('JANUS_AGENT_REQUEST_INVALID', `a line is longer than ${most} bytes`)
}

function decode(bytes: Buffer): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw agentError('JANUS_AGENT_REQUEST_INVALID', 'a line is not UTF-8', { cause })
  }
}
