import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
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

/** Makes pairs. */
export interface OutputPairs {
  make(): Promise<OutputPair>
  /** No more pairs; those that are there stay. Safe to call twice. */
  close(): Promise<void>
}

const BUFFER = 64 * 1024
const MOST_EARLY = 4096
/** Buffers kept for the next pairs, at most. */
const MOST_IDLE = 16

/** Opens what makes connected pairs. Nobody else can connect: the directory of its socket is ours alone. It keeps nobody from ending. */
export async function openOutputPairs(): Promise<OutputPairs> {
  const directory = await mkdtemp(join(tmpdir(), 'janus-output-'))
  const path = join(directory, 'socket')
  const server = createServer({ pauseOnConnect: true }).listen(path)
  await once(server, 'listening')
  server.unref()
  // One after the other: whoever is accepted is who connected.
  let before: Promise<unknown> = Promise.resolve()
  const idle: Buffer[] = []
  return {
    make() {
      const pair = before.then(() => connectPair(server, path, idle))
      before = pair.catch(() => undefined)
      return pair
    },
    async close() {
      await before
      server.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function connectPair(server: Server, path: string, idle: Buffer[]): Promise<OutputPair> {
  let onBytes: ((bytes: Uint8Array) => void) | undefined
  let early = Buffer.alloc(0)
  const buffer = idle.pop() ?? Buffer.alloc(BUFFER)
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const socket = connect({
    path,
    onread: {
      buffer,
      callback(count) {
        const bytes = buffer.subarray(0, count)
        if (onBytes !== undefined) onBytes(bytes)
        else if (early.length < MOST_EARLY) early = Buffer.concat([early, bytes])
        return true
      },
    },
  })
  // Nothing is read into it any more.
  socket.once('close', () => {
    if (idle.length < MOST_IDLE) idle.push(buffer)
  })
  const ended = new Promise<void>((resolve) => {
    socket.once('end', resolve)
    socket.once('close', resolve)
  })
  await once(socket, 'connect')
  // A stream that is given up may say so; there is nobody left to tell.
  socket.on('error', () => undefined)
  const [end] = await accepted
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
}
