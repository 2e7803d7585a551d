import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileDurably } from '@janus/core/state'

/** What proves that a client may read the state directory. */
export interface StatusToken {
  /** The file that holds it: whoever can read that may ask. */
  readonly path: string
  /** True for the header of a request that carries it; takes the same time for any other. */
  fits(authorization: string | undefined): boolean
  /** Removes the file. */
  remove(): Promise<void>
}

const TOKEN_BYTES = 32
const FILE_MODE = 0o600
const FILE_NAME = 'status.token'
const BEARER = /^Bearer ([A-Za-z0-9_-]{1,128})$/

/** Makes a new token and writes it to `status.token` in the state directory, readable by its owner only. @throws the errno error of writing */
export async function createStatusToken(stateDirectory: string): Promise<StatusToken> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  const wanted = digestOf(token)
  const path = join(stateDirectory, FILE_NAME)
  await writeFileDurably(path, Buffer.from(`${token}\n`), { mode: FILE_MODE })
  return {
    path,
    fits: (authorization) => timingSafeEqual(digestOf(BEARER.exec(authorization ?? '')?.[1] ?? ''), wanted),
    remove: () => rm(path, { force: true }),
  }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
