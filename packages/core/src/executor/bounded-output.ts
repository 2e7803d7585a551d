import type { Readable } from 'node:stream'

/** What a program wrote to one stream, up to a limit. */
export interface BoundedOutput {
  /** True when something was dropped. */
  readonly truncated: boolean
  /** The bytes kept, as text; what is not UTF-8 is replaced. */
  text(): string
  /** Resolves when the stream has ended, or after this many milliseconds, and gives the stream up then. */
  drained(milliseconds: number): Promise<void>
}

/**
 * Reads a stream to its end, keeping the first bytes and dropping the rest, so that the writer never blocks.
 * @param stream stdout or stderr of a running program
 * @param limit bytes kept
 */
export function boundOutput(stream: Readable, limit: number): BoundedOutput {
  const kept: Buffer[] = []
  let bytes = 0
  let truncated = false
  stream.on('data', (chunk: Buffer) => {
    const room = limit - bytes
    if (chunk.length > room) truncated = true
    if (room <= 0) return
    kept.push(chunk.subarray(0, room))
    bytes += Math.min(chunk.length, room)
  })
  // A pipe that is given up may say so; there is nobody left to tell.
  stream.on('error', () => undefined)
  const ended = new Promise<void>((resolve) => {
    stream.once('end', resolve)
    stream.once('close', resolve)
  })
  return {
    get truncated() {
      return truncated
    },
    text: () => Buffer.concat(kept).toString('utf8'),
    drained: async (milliseconds) => {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, milliseconds)
      })
      await Promise.race([ended, late])
      clearTimeout(timer)
      stream.destroy()
    },
  }
}
