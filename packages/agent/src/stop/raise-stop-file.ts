import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { StopCause } from '../contract/stop.js'

const MODE = 0o644

/**
 * Makes a stop outlast this process: creates the first of the files that can be created, durably. From the instant at which it has its name it counts; what
 * it says is for people. One that is there already is left as it is.
 * @param paths see `stopFiles`
 * @returns the one that stands
 * @throws the errno error of the last one that was tried
 */
export async function raiseStopFile(paths: readonly string[], { kind, summary }: StopCause): Promise<string> {
  let failure: unknown = new Error('there is no place for an emergency stop file')
  const text = `${JSON.stringify({ cause: kind, summary })}\n`
  for (const path of paths) {
    try {
      await create(path, text)
      return path
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

async function create(path: string, text: string): Promise<void> {
  let file: FileHandle
  try {
    file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, MODE)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return
    throw error
  }
  try {
    // On a full disk the name alone must do.
    await file.writeFile(text).catch(() => undefined)
    await file.sync()
  } finally {
    await file.close()
  }
  const directory = await open(dirname(path), 'r')
  await directory.sync().finally(() => directory.close())
}
