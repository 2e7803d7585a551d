import { close, ftruncate, read, write } from 'node:fs'
import { promisify } from 'node:util'
import type { ProcessIdentity } from '../contract/hand.js'
import { isJanusError, janusError } from '../errors/janus-error.js'
import { openOwnFile } from './open-own-file.js'
import { isProcessAlive, readProcessIdentity } from './process-identity.js'
import { tryLock } from './try-lock.js'

/** Who holds the lock on a host, as the lock file says. */
export interface LockHolder extends ProcessIdentity {
  /** What for: `apply gpu-vfio`. */
  readonly purpose: string
  /** ISO 8601, UTC. */
  readonly since: string
}

/** What a lock is taken for. */
export interface HostLockOptions {
  /** Told to whoever finds it taken: `apply gpu-vfio`. */
  readonly purpose: string
  /** What its holder does, for the error of whoever finds it taken. Default: `is changing this host`. */
  readonly doing?: string
}

/** The lock on a host, held. */
export interface HostLock {
  readonly path: string
  readonly holder: LockHolder
  /** Lets go. Safe to call twice; the kernel does the same when the process ends, however it ends. */
  release(): Promise<void>
}

const MOST_BYTES = 4096
const closeDescriptor = promisify(close)
const truncateDescriptor = promisify(ftruncate)
const readOnce = promisify(read)
const writeOnce = promisify(write)

/**
 * Takes the lock that makes this process the only one to change a host, without waiting. It is the kernel's (`flock(2)`), so
 * it cannot be left behind; what the file says only names the holder.
 * @param path absolute path of the lock file; its directory exists and has been checked. The file stays when the lock goes.
 * @throws JANUS_STATE_LOCKED naming the holder's process and purpose; JANUS_STATE_DENIED; JANUS_STATE_UNSAFE; JANUS_EXECUTOR_NOT_FOUND without util-linux
 */
export async function acquireHostLock(
  path: string,
  { purpose, doing = 'is changing this host' }: HostLockOptions,
): Promise<HostLock> {
  const descriptor = await openLockFile(path)
  try {
    if (!(await tryLock(descriptor))) throw locked(path, doing, await readHolder(descriptor))
    const holder = await ownHolder(purpose)
    // The lock is the kernel's; on a full disk only its holder's name is missing.
    await writeHolder(descriptor, holder).catch(() => {})
    return hold(path, descriptor, holder)
  } catch (error) {
    await closeDescriptor(descriptor)
    throw error
  }
}

function hold(path: string, descriptor: number, holder: LockHolder): HostLock {
  let released: Promise<void> | undefined
  return {
    path,
    holder,
    release: () => {
      released ??= truncateDescriptor(descriptor, 0).then(
        () => closeDescriptor(descriptor),
        () => closeDescriptor(descriptor),
      )
      return released
    },
  }
}

async function openLockFile(path: string): Promise<number> {
  try {
    return (await openOwnFile(path, { write: true, createMode: process.geteuid?.() === 0 ? 0o640 : 0o600 })).descriptor
  } catch (cause) {
    if (isJanusError(cause)) throw cause
    throw janusError('JANUS_STATE_WRITE_FAILED', `${path} could not be opened`, { data: { path }, cause })
  }
}

async function ownHolder(purpose: string): Promise<LockHolder> {
  const identity = await readProcessIdentity(process.pid)
  return { pid: process.pid, startTime: identity?.startTime ?? '', purpose, since: new Date().toISOString() }
}

async function writeHolder(descriptor: number, holder: LockHolder): Promise<void> {
  await truncateDescriptor(descriptor, 0)
  await writeOnce(descriptor, `${JSON.stringify(holder)}\n`, 0)
}

/** What the file says, if it is about a process that still runs: right after the lock was taken it is about the last holder. */
async function readHolder(descriptor: number): Promise<LockHolder | undefined> {
  try {
    const bytes = Buffer.alloc(MOST_BYTES)
    const { bytesRead } = await readOnce(descriptor, bytes, 0, MOST_BYTES, 0)
    const holder = JSON.parse(bytes.toString('utf8', 0, bytesRead)) as Partial<LockHolder>
    const { pid, startTime, purpose, since } = holder
    if (typeof pid !== 'number' || typeof startTime !== 'string') return undefined
    if (typeof purpose !== 'string' || typeof since !== 'string') return undefined
    return (await isProcessAlive({ pid, startTime })) ? { pid, startTime, purpose, since } : undefined
  } catch {
    return undefined
  }
}

function locked(path: string, doing: string, holder: LockHolder | undefined): Error {
  const who =
    holder === undefined ? 'another process' : `process ${holder.pid} (${holder.purpose}, since ${holder.since})`
  return janusError('JANUS_STATE_LOCKED', `${who} ${doing}`, { data: { path, ...(holder && { holder }) } })
}
