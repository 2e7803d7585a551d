import { createHash } from 'node:crypto'
import type { FileContent, FileState } from '../contract/change.js'
import type { Host } from '../contract/host.js'
import { janusError } from '../errors/janus-error.js'
import { readDigest } from '../host/read-digest.js'

/**
 * What a regular file is: digest, mode and owner; `null` when there is none.
 * @throws JANUS_HOST_UNREADABLE when it exists but cannot be read, or is no regular file
 */
export async function readFileState(host: Host, path: string): Promise<FileState | null> {
  const [stat, digest] = [await host.stat(path), await readDigest(host, path)]
  if (stat.unreadable === undefined && stat.value === undefined) return null
  if (stat.value?.type !== 'file' || digest.value === undefined) {
    const reason = stat.unreadable ?? digest.unreadable ?? `it is a ${stat.value?.type}`
    throw janusError('JANUS_HOST_UNREADABLE', `${path} cannot be read as a file: ${reason}`, { data: { path, reason } })
  }
  return { sha256: digest.value, mode: stat.value.mode, uid: stat.value.uid, gid: stat.value.gid }
}

/** SHA-256 of the bytes that a content stands for, 64 lower-case hexadecimal digits: what a `sha256` condition compares. */
export function contentDigest(content: FileContent): string {
  return 'saved' in content ? content.saved : sha256Of(contentBytes(content))
}

/** The bytes of a content given as text or base64. */
export function contentBytes(content: Exclude<FileContent, { saved: string }>): Uint8Array {
  return 'text' in content ? Buffer.from(content.text, 'utf8') : Buffer.from(content.base64, 'base64')
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
