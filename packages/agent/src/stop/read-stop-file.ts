import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import * as z from '@janus/core/zod'
import { STOP_KINDS, type StopKind } from '../contract/stop.js'
import { parseJson } from '../json/parse-json.js'

const MOST_BYTES = 4096
const claim = z.strictObject({ cause: z.enum(STOP_KINDS), summary: z.string().max(MOST_BYTES) })

/**
 * What an emergency stop file says of itself. Whoever can create the file can write anything: it is told as a claim, and nothing is decided by it.
 * @returns undefined for anything that Janus did not write
 */
export async function readStopFile(
  path: string,
): Promise<{ readonly cause: StopKind; readonly summary: string } | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      if (!(await file.stat()).isFile()) return undefined
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, 0)
      return claim.parse(parseJson(buffer.toString('utf8', 0, bytesRead)))
    } finally {
      await file.close()
    }
  } catch {
    return undefined
  }
}
