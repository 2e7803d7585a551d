import type { OnReadOpts, Socket } from 'node:net'
import type { OutputReader } from './output-reader.js'

const BUFFER = 64 * 1024
const MOST_EARLY = 4096
/** Buffers kept for the next sockets, at most. */
const MOST_IDLE = 16

/**
 * A socket that is read into one buffer again and again.
 * @param idle buffers that nothing is read into
 * @param open opens the socket, with this
 */
export function readingSocket(
  idle: Buffer[],
  open: (onread: OnReadOpts) => Socket,
): { readonly socket: Socket; readonly reader: OutputReader } {
  let onBytes: ((bytes: Uint8Array) => void) | undefined
  let early = Buffer.alloc(0)
  const buffer = idle.pop() ?? Buffer.alloc(BUFFER)
  const socket = open({
    buffer,
    callback(count) {
      const bytes = buffer.subarray(0, count)
      if (onBytes !== undefined) onBytes(bytes)
      else if (early.length < MOST_EARLY) early = Buffer.concat([early, bytes])
      return true
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
  // A stream that is given up may say so; there is nobody left to tell.
  const quietly = (): void => void socket.on('error', () => undefined)
  if (socket.connecting) socket.once('connect', quietly)
  else quietly()
  const reader: OutputReader = {
    take(handler) {
      onBytes = handler
      if (early.length > 0) handler(early)
      early = Buffer.alloc(0)
    },
    ended,
    ref: () => void socket.ref(),
    unref: () => void socket.unref(),
    close: () => void socket.destroy(),
  }
  return { socket, reader }
}
