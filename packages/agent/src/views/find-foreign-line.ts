import { readFile } from 'node:fs/promises'
import { errnoOf } from '@janus/core/state'

/**
 * The first line of a queue that the queue never had, from 1. A last line without an end was cut off when a process was killed.
 * @param lines every line that it had at some time
 * @throws the errno error of reading; an absent queue is an empty one
 */
export async function findForeignLine(path: string, lines: AsyncIterable<string>): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return ''
    throw error
  })
  const unknown = new Map<string, number>()
  for (const [index, line] of text.split('\n').slice(0, -1).entries()) {
    if (!unknown.has(line)) unknown.set(line, index + 1)
  }
  if (unknown.size === 0) return undefined
  for await (const line of lines) unknown.delete(line.slice(0, -1))
  const [first] = unknown.values()
  return first
}
