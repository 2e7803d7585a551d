import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { KeptOutput } from '../contract/run.js'

/** What is read of a stream, of which only the head and the end are kept. */
export interface OutputKeeper {
  /** Resolves when the stream has ended, or after this many milliseconds; it is given up then. */
  drained(milliseconds: number): Promise<void>
  kept(): KeptOutput
}

/**
 * Reads a stream to its end, in bounded memory.
 * @param most bytes kept: half of them from the head, half from the end
 * @param onBytes told of every chunk
 */
export function keepOutput(stream: Readable, most: number, onBytes: (bytes: number) => void): OutputKeeper {
  const hash = createHash('sha256')
  const headSize = Math.ceil(most / 2)
  const tailSize = Math.floor(most / 2)
  let head: Buffer = Buffer.alloc(0)
  let tail: Buffer = Buffer.alloc(0)
  let bytes = 0
  let isGivenUp = false
  stream.on('data', (chunk: Buffer) => {
    if (isGivenUp) return
    bytes += chunk.length
    hash.update(chunk)
    const room = headSize - head.length
    if (room > 0) head = Buffer.concat([head, chunk.subarray(0, room)])
    const rest = chunk.subarray(Math.max(0, room))
    if (rest.length > 0) tail = endOf(tail, rest, tailSize)
    onBytes(chunk.length)
  })
  // A pipe that is given up may say so; there is nobody left to tell.
  stream.on('error', () => undefined)
  const ended = new Promise<void>((resolve) => {
    stream.once('end', resolve)
    stream.once('close', resolve)
  })
  let sha256: string | undefined
  return {
    async drained(milliseconds) {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, milliseconds)
      })
      await Promise.race([ended, late])
      clearTimeout(timer)
      isGivenUp = true
      stream.destroy()
    },
    kept() {
      isGivenUp = true
      sha256 ??= hash.digest('hex')
      const missing = bytes - head.length - tail.length
      const text = missing === 0 ? decode(Buffer.concat([head, tail])) : between(head, tail, missing)
      return { text, bytes, sha256, truncated: missing > 0 }
    },
  }
}

/** Copied, so that a small end does not hold on to a large chunk. */
function endOf(tail: Buffer, more: Buffer, size: number): Buffer {
  if (size === 0) return tail
  if (more.length >= size) return Buffer.from(more.subarray(more.length - size))
  return Buffer.concat([tail.subarray(Math.max(0, tail.length + more.length - size)), more])
}

function between(head: Buffer, tail: Buffer, missing: number): string {
  return `${decode(head)}\n[${missing} bytes left out]\n${decode(tail)}`
}

function decode(bytes: Buffer): string {
  return bytes.toString('utf8')
}
