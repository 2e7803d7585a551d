import { constants, openSync } from 'node:fs'
import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net'
import type { OutputReader } from './output-reader.js'
import { readingSocket } from './reading-socket.js'

/** Opens pipes that have a name (fifo(7)). */
export interface PipeReaders {
  /** @param path of the pipe; whoever writes into it opens it later */
  open(path: string): OutputReader
}

/** Makes what reads pipes, into buffers that are used again: a flood of output leaves no garbage behind. */
export function createPipeReaders(): PipeReaders {
  const idle: Buffer[] = []
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants
  return {
    open(path) {
      const fd = openSync(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW)
      return readingSocket(idle, (onread) => {
        // It is taken here as it is by `connect`; its type does not say so.
        const options: SocketConstructorOpts & { readonly onread: OnReadOpts } = {
          fd,
          readable: true,
          writable: false,
          onread,
        }
        return new Socket(options)
      }).reader
    },
  }
}
