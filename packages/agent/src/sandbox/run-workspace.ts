import { constants, existsSync, mkdirSync, opendirSync, renameSync } from 'node:fs'
import { chown, mkdir, open, rm } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { janusError } from '@janus/core'
import { type CopiedTree, copyTree } from './copy-tree.js'

const PRIVATE = 0o700
const PRIVATE_FILE = 0o600
const MOST_FILES = 4096
const FRESH = '.fresh'
const OLD = '.old'

/** Whom the files of a run belong to while it runs. */
export interface WorkspaceOwner {
  readonly uid: number
  readonly gid: number
}

/**
 * Puts what is kept of a workspace, and the files of a run, into what the run will see.
 * @param inside directory of the workspace in the storage of the run
 * @param kept host path of the workspace; it is made when it is not there
 * @throws JANUS_USAGE for a path that leads out
 */
export async function fillWorkspace(
  inside: string,
  kept: string,
  files: Readonly<Record<string, Uint8Array>>,
  owner: WorkspaceOwner,
  mostBytes: number,
): Promise<void> {
  const names = Object.keys(files)
  if (names.length > MOST_FILES) throw janusError('JANUS_USAGE', `a run is given at most ${MOST_FILES} files`)
  const wrong = names.find((name) => !isPlainRelative(name))
  if (wrong !== undefined) throw janusError('JANUS_USAGE', `${JSON.stringify(wrong)} is no path inside a workspace`)
  makeKept(kept)
  if (!isEmpty(kept)) await copyTree(kept, inside, { mostBytes, owner })
  for (const [name, content] of Object.entries(files)) {
    await makeDirectories(inside, posix.dirname(name), owner)
    const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants
    const file = await open(join(inside, name), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, PRIVATE_FILE)
    try {
      await file.writeFile(content)
      if (isRoot()) await file.chown(owner.uid, owner.gid)
    } finally {
      await file.close()
    }
  }
}

/**
 * Keeps what a run left, in place of what was kept before: regular files and directories, nothing else, and nobody's but the agent's.
 * @param inside directory of the workspace in the storage of the run
 */
export async function keepWorkspace(inside: string, kept: string, mostBytes: number): Promise<CopiedTree> {
  if (isEmpty(inside) && isEmpty(kept)) return { files: 0, bytes: 0, leftOut: 0 }
  const fresh = `${kept}${FRESH}`
  const old = `${kept}${OLD}`
  await rm(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { mode: PRIVATE })
  const copied = await copyTree(inside, fresh, { mostBytes, owner: undefined })
  await rm(old, { recursive: true, force: true })
  renameSync(kept, old)
  renameSync(fresh, kept)
  await rm(old, { recursive: true, force: true })
  return copied
}

/** Whoever was killed between two names left it under the older one. */
function makeKept(kept: string): void {
  if (existsSync(kept)) return
  if (existsSync(`${kept}${OLD}`)) renameSync(`${kept}${OLD}`, kept)
  else mkdirSync(kept, { mode: PRIVATE })
}

function isEmpty(path: string): boolean {
  const directory = opendirSync(path, { bufferSize: 1 })
  try {
    return directory.readSync() === null
  } finally {
    directory.closeSync()
  }
}

/** True for `a/b`: nothing absolute, no `..`, nothing empty. */
export function isPlainRelative(path: string): boolean {
  const parts = path.split('/')
  return !path.includes('\0') && parts.every((part) => part !== '' && part !== '.' && part !== '..')
}

async function makeDirectories(inside: string, relative: string, owner: WorkspaceOwner): Promise<void> {
  let path = inside
  for (const part of relative === '.' ? [] : relative.split('/')) {
    path = join(path, part)
    await mkdir(path, { mode: PRIVATE }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    if (isRoot()) await chown(path, owner.uid, owner.gid)
  }
}

function isRoot(): boolean {
  return process.geteuid?.() === 0
}
