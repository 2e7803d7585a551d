import { createReadStream } from 'node:fs'
import { errnoOf } from '@janus/core/state'

/**
 * Compares a view with the lines that the record gives, reading both as streams. A view that ends early, also within a line, is ours: a process was killed.
 * @returns the first line that is not of the record, from 1; undefined when there is none
 * @throws the errno error of reading; an absent view is an empty one
 */
export async function compareView(path: string, lines: AsyncIterable<string>): Promise<number | undefined> {
  const expected = lines[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  let line = 0
  try {
    for await (const chunk of chunksOf(path)) {
      for (let at = 0; at < chunk.length; ) {
        if (rest.length === 0) {
          const next = await expected.next()
          line += 1
          if (next.done === true) return line
          rest = Buffer.from(next.value)
        }
        const length = Math.min(rest.length, chunk.length - at)
        if (rest.compare(chunk, at, at + length, 0, length) !== 0) return line
        rest = rest.subarray(length)
        at += length
      }
    }
    return undefined
  } finally {
    await expected.return?.()
  }
}

async function* chunksOf(path: string): AsyncIterable<Buffer> {
  try {
    yield* createReadStream(path) as AsyncIterable<Buffer>
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
}
