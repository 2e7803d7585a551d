import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The end of a stream that a child writes to, read into one buffer again and again: a flood of output leaves no garbage behind. */
export interface OutputReader {
  /**
   * Gives what is read from now on, and what was read already.
   * @param onBytes the bytes are there only while it runs
   */
  take(onBytes: (bytes: Uint8Array) => void): void
  /** Resolves when the child, and whoever has its end, is gone. */
  readonly ended: Promise<void>
  /** What came before anybody took it, as text. */
  early(): string
  ref(): void
  unref(): void
  close(): void
}

/** A reader, and the socket that a child is to be given; ours is to be destroyed then. */
export interface OutputPair {
  readonly reader: OutputReader
  readonly end: Socket
}

const BUFFER = 64 * 1024
const MOST_EARLY = 4096

/** Makes connected pairs, as many as are asked for. Nobody else can connect: their directory is ours alone while they are made. */
export async function outputPairs(count: number): Promise<readonly OutputPair[]> {
  const directory = await mkdtemp(join(tmpdir(), 'janus-output-'))
  try {
    return await Promise.all(Array.from({ length: count }, (_, number) => outputPair(join(directory, String(number)))))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function outputPair(path: string): Promise<OutputPair> {
  const server = createServer({ pauseOnConnect: true })
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve))
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
    let onBytes: ((bytes: Uint8Array) => void) | undefined
    let early = Buffer.alloc(0)
    const socket = connect({
      path,
      onread: {
        buffer: Buffer.alloc(BUFFER),
        callback(count, buffer) {
          const bytes = buffer.subarray(0, count)
          if (onBytes !== undefined) onBytes(bytes)
          else if (early.length < MOST_EARLY) early = Buffer.concat([early, bytes])
          return true
        },
      },
    })
    // A stream that is given up may say so; there is nobody left to tell.
    socket.on('error', () => undefined)
    const ended = new Promise<void>((resolve) => {
      socket.once('end', resolve)
      socket.once('close', resolve)
    })
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    const end = await accepted
    const reader: OutputReader = {
      take(handler) {
        onBytes = handler
        if (early.length > 0) handler(early)
        early = Buffer.alloc(0)
      },
      ended,
      early: () => early.toString('utf8'),
      ref: () => void socket.ref(),
      unref: () => void socket.unref(),
      close: () => void socket.destroy(),
    }
    return { reader, end }
  } finally {
    server.close()
  }
}
