import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { SandboxIdentity } from './sandbox-identity.js'

const READ = 0o4
const SEARCH = 0o1

/**
 * True when a user without groups of its own can read this path and get to it. Access control lists are not asked: they
 * only ever make the answer too cautious or end as an error of the sandbox.
 * @param path absolute, without links
 */
export async function isReachableBy(identity: SandboxIdentity, path: string): Promise<boolean> {
  const { mode, uid, gid, directory } = await statOf(path)
  const wanted = directory ? READ | SEARCH : READ
  if ((bitsFor(identity, { mode, uid, gid }) & wanted) !== wanted) return false
  for (let above = dirname(path); ; above = dirname(above)) {
    if ((bitsFor(identity, await statOf(above)) & SEARCH) === 0) return false
    if (above === dirname(above)) return true
  }
}

async function statOf(path: string) {
  const stats = await stat(path)
  return { mode: stats.mode, uid: stats.uid, gid: stats.gid, directory: stats.isDirectory() }
}

function bitsFor(
  identity: SandboxIdentity,
  { mode, uid, gid }: { readonly mode: number; readonly uid: number; readonly gid: number },
): number {
  if (uid === identity.uid) return (mode >> 6) & 7
  return gid === identity.gid ? (mode >> 3) & 7 : mode & 7
}
