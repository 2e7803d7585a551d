import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readingSocket } from './reading-socket.js'

/** The end of a stream that a child writes to, read into one buffer again and again: a flood of output leaves no garbage behind. */
export interface OutputReader {
  /**
   * Gives what is read from now on, and what was read already.
   * @param onBytes the bytes are there only while it runs
   */
  take(onBytes: (bytes: Uint8Array) => void): void
  /** Resolves when the child, and whoever has its end, is gone. */
  readonly ended: Promise<void>
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
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const { socket, reader } = readingSocket(idle, (onread) => connect({ path, onread }))
  await once(socket, 'connect')
  const [end] = await accepted
  return { reader, end }
}
