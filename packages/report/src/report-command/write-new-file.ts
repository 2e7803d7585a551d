import { writeFile } from 'node:fs/promises'
import { janusError } from '@janus/core'

/**
 * Writes a file that must not exist yet, readable for its owner only: what it holds describes a machine.
 * @throws JANUS_FILE_INVALID
 */
export async function writeNewFile(path: string, content: string): Promise<void> {
  try {
    await writeFile(path, content, { flag: 'wx', mode: 0o600, flush: true })
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST'
    const remedy = exists ? { remedy: 'Name a new file with --out; Janus does not overwrite one.' } : {}
    throw janusError('JANUS_FILE_INVALID', `${path} cannot be written`, { cause, ...remedy })
  }
}
