import { readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import type { Host } from '../contract/host.js'
import { janusError } from '../errors/janus-error.js'
import { createLiveHost } from './live-host.js'
import { createSnapshotHost } from './snapshot-host.js'

const MAXIMUM_SNAPSHOT_BYTES = 512 * 1024 * 1024

/**
 * Opens a captured machine.
 * @param path a snapshot file, or a directory that holds a tree
 * @throws JANUS_FILE_INVALID when it cannot be read; JANUS_SNAPSHOT_INVALID when it is no snapshot
 */
export async function openHost(path: string): Promise<Host> {
  const stats = attempt(path, () => statSync(path))
  if (stats.isDirectory()) return createLiveHost({ root: path })
  if (!stats.isFile()) throw janusError('JANUS_FILE_INVALID', `${path} is neither a file nor a directory`)
  if (stats.size > MAXIMUM_SNAPSHOT_BYTES) throw janusError('JANUS_SNAPSHOT_INVALID', `${path} is larger than 512 MiB`)
  const text = attempt(path, () => readFileSync(path, 'utf8'))
  // The schema library is loaded for those who need it only: start-up stays close to bare node.
  const { parseSnapshot } = await import('./read-snapshot.js')
  return createSnapshotHost(parseSnapshot(parseJson(path, text)), `snapshot ${basename(path)}`)
}

function attempt<Value>(path: string, read: () => Value): Value {
  try {
    return read()
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error'
    throw janusError('JANUS_FILE_INVALID', `${path} cannot be read: ${code}`, { cause })
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw janusError('JANUS_SNAPSHOT_INVALID', `${path} is not JSON`, { cause })
  }
}
