import { createHash } from 'node:crypto'
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import type { OutputReader } from '@janus/core/sandbox'
import type { KeptOutput } from '../contract/run.js'

/** What is read of a stream, of which only the head and the end are kept. */
export interface OutputKeeper {
  /** Resolves when the stream has ended, or after this many milliseconds; it is given up then. */
  drained(milliseconds: number): Promise<void>
  kept(): KeptOutput
}

/** How many bytes there is room for at first; most programs say little. */
const FIRST_ROOM = 4096

/**
 * Reads a stream to its end, in bounded memory and without leaving garbage for each piece.
 * @param most bytes kept: half of them from the head, half from the end
 * @param onBytes told of every piece
 */
export function keepOutput(reader: OutputReader, most: number, onBytes: (bytes: number) => void): OutputKeeper {
  const hash = createHash('sha256')
  const head = createHead(Math.ceil(most / 2))
  const end = createEnd(Math.floor(most / 2))
  let bytes = 0
  let isGivenUp = false
  reader.take((piece) => {
    if (isGivenUp) return
    bytes += piece.length
    hash.update(piece)
    end.add(piece.subarray(head.add(piece)))
    onBytes(piece.length)
  })
  let sha256: string | undefined
  return {
    async drained(milliseconds) {
      const late = new AbortController()
      // Where this process stood still the time is over before anything was read: what is there by then is read in the turn after it.
      const wait = delay(milliseconds, undefined, { signal: late.signal })
        .then(() => nextTurn())
        .catch(() => undefined)
      await Promise.race([reader.ended, wait])
      late.abort()
      isGivenUp = true
      reader.close()
    },
    kept() {
      isGivenUp = true
      sha256 ??= hash.digest('hex')
      const [first, last] = [head.bytes(), end.bytes()]
      const missing = bytes - first.length - last.length
      const text = missing === 0 ? decode(Buffer.concat([first, last])) : between(first, last, missing)
      return { text, bytes, sha256, truncated: missing > 0 }
    },
  }
}

/** The first bytes of a stream. */
function createHead(size: number) {
  let room = Buffer.alloc(Math.min(size, FIRST_ROOM))
  let filled = 0
  return {
    /** @returns how much of the piece it took */
    add(piece: Uint8Array): number {
      const count = Math.min(piece.length, size - filled)
      if (filled + count > room.length) {
        const larger = Buffer.alloc(Math.min(size, Math.max(2 * room.length, filled + count)))
        room.copy(larger, 0, 0, filled)
        room = larger
      }
      room.set(piece.subarray(0, count), filled)
      filled += count
      return count
    },
    bytes: (): Buffer => room.subarray(0, filled),
  }
}

/** The last bytes of a stream: a ring. */
function createEnd(size: number) {
  let ring: Buffer | undefined
  let written = 0
  return {
    add(piece: Uint8Array): void {
      if (size === 0 || piece.length === 0) return
      ring ??= Buffer.alloc(size)
      const last = piece.subarray(Math.max(0, piece.length - size))
      written += piece.length - last.length
      const at = written % size
      const upToEdge = last.subarray(0, size - at)
      ring.set(upToEdge, at)
      ring.set(last.subarray(upToEdge.length), 0)
      written += last.length
    },
    bytes(): Buffer {
      if (ring === undefined) return Buffer.alloc(0)
      const at = written % size
      return written <= size ? ring.subarray(0, written) : Buffer.concat([ring.subarray(at), ring.subarray(0, at)])
    },
  }
}

function between(head: Buffer, end: Buffer, missing: number): string {
  return `${decode(head)}\n[${missing} bytes left out]\n${decode(end)}`
}

function decode(bytes: Buffer): string {
  return bytes.toString('utf8')
}
