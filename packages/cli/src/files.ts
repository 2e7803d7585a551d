import { open, readFile } from 'node:fs/promises'
import { text as readStream } from 'node:stream/consumers'
import { janusError } from '@janus/core'

/** Reads a JSON file named on the command line, or stdin for `-`. */
export async function readJsonFile(file: string): Promise<unknown> {
  const name = file === '-' ? 'stdin' : file
  const content = await readContent(file).catch((cause: NodeJS.ErrnoException) => {
    throw janusError(
      'JANUS_FILE_INVALID',
      cause.code === 'ENOENT' ? `there is no file ${name}` : `${name} cannot be read`,
      { cause },
    )
  })
  try {
    return JSON.parse(content) as unknown
  } catch (cause) {
    throw janusError('JANUS_FILE_INVALID', `${name} is not JSON`, { cause, remedy: 'Name a file that holds JSON.' })
  }
}

async function readContent(file: string): Promise<string> {
  return file === '-' ? await readStream(process.stdin) : await readFile(file, 'utf8')
}

/** Writes a file that must not exist yet, readable for its owner only: what it holds describes a machine. */
export async function writeNewFile(path: string, content: string): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST'
    const remedy = exists ? { remedy: 'Name a new file; Janus does not overwrite one.' } : {}
    throw janusError('JANUS_FILE_INVALID', `${path} cannot be written`, { cause, ...remedy })
  }
}
