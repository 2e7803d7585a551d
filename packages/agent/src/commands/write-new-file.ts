import { writeFile } from 'node:fs/promises'
import { janusError } from '@janus/core'

/**
 * Writes a file that was not there, for its owner's eyes only.
 * @throws JANUS_FILE_INVALID
 */
export async function writeNewFile(path: string, text: string): Promise<void> {
  await writeFile(path, text, { flag: 'wx', mode: 0o600 }).catch((cause: unknown) => {
    throw janusError('JANUS_FILE_INVALID', `${path} cannot be written`, { cause })
  })
}
