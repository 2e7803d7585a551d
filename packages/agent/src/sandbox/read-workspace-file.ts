import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { janusError } from '@janus/core'
import { isPlainRelative } from './run-workspace.js'

const SET_ID_BITS = 0o6000
const MOST_BYTES = 16 * 1024 * 1024

/**
 * Reads a file that a tool left, as if the tool were our enemy: each directory on the way and the file itself are opened by name in what is open already
 * (openat(2), through /proc/self/fd), no link is followed, nothing blocks, and what was opened is looked at before it is read.
 * @param workspace host path of the workspace; it is the agent's own
 * @param relative path inside
 * @param mostBytes what is larger is refused, not cut. Default 16 MiB
 * @throws JANUS_USAGE naming the path and why it was refused
 */
export async function readWorkspaceFile(
  workspace: string,
  relative: string,
  mostBytes = MOST_BYTES,
): Promise<Uint8Array> {
  if (!isPlainRelative(relative)) throw refused(relative, 'it leads out of the workspace')
  const parts = relative.split('/')
  let directory = await openOrRefuse(workspace, constants.O_DIRECTORY, relative)
  try {
    for (const part of parts.slice(0, -1)) {
      const next = await openOrRefuse(`/proc/self/fd/${directory.fd}/${part}`, constants.O_DIRECTORY, relative)
      await directory.close()
      directory = next
    }
    const file = await openOrRefuse(`/proc/self/fd/${directory.fd}/${parts.at(-1)}`, 0, relative)
    try {
      return await readRegular(file, relative, mostBytes)
    } finally {
      await file.close()
    }
  } finally {
    await directory.close()
  }
}

async function openOrRefuse(path: string, more: number, relative: string): Promise<FileHandle> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants
  return open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | more).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ELOOP' || error.code === 'ENOTDIR')
      throw refused(relative, 'there is a link, or no directory, on the way')
    if (error.code === 'ENXIO') throw refused(relative, 'it is no regular file')
    throw refused(relative, error.code === 'ENOENT' ? 'it is not there' : `it cannot be opened (${error.code})`)
  })
}

async function readRegular(file: FileHandle, relative: string, mostBytes: number): Promise<Uint8Array> {
  const stats = await file.stat()
  const { size, mode } = stats
  if (!stats.isFile()) throw refused(relative, 'it is no regular file')
  if ((mode & SET_ID_BITS) !== 0) throw refused(relative, 'it would run as somebody else')
  if (size > mostBytes) throw refused(relative, `it is larger than ${mostBytes} bytes`)
  const content = Buffer.alloc(size)
  let done = 0
  while (done < size) {
    const { bytesRead } = await file.read(content, done, size - done, done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return content.subarray(0, done)
}

function refused(path: string, why: string): Error {
  return janusError('JANUS_USAGE', `${JSON.stringify(path)} of a workspace is not read: ${why}`, { data: { path } })
}
