import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

/** Most bytes of a module in bash: it is text that somebody reads. */
export const MOST_SOURCE_BYTES = 1_048_576

/**
 * Reads the text of a regular file that is not a link. A named pipe in its place must not make the reader wait.
 * @throws Error with one line that says why it cannot be read
 */
export async function readProgramText(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw new Error('it is not a regular file')
    if (stat.size > MOST_SOURCE_BYTES) throw new Error(`it is larger than ${MOST_SOURCE_BYTES} bytes`)
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}
