import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { basename, dirname } from 'node:path'
import type { HandOrder } from '../contract/hand.js'
import { ADMINISTRATOR_PATH } from './administrator-path.js'
import { inSafeDirectory, type SafeDirectory } from './safe-directory.js'
import { temporaryName } from './temporary-name.js'

const PIECE_BYTES = 1024 * 1024
const MOST_ATTEMPTS = 32

/** An order that changes one entry of a directory. */
export type FileOrder = Extract<
  HandOrder,
  { kind: 'write-file' | 'write-link' | 'remove-file' | 'create-directory' | 'remove-directory' }
>

/**
 * Changes one entry of a directory, atomically where it replaces something, and durably. The directory may belong to
 * somebody else: it is entered as {@link inSafeDirectory} allows and addressed by descriptor from then on.
 * @throws with the kernel's errno, or `EUNSAFE`
 */
export function performFileOrder(order: FileOrder): void {
  const name = basename(order.path)
  inSafeDirectory(dirname(order.path), (directory) => {
    perform(order, directory, name)
    // The entry is durable before the step is recorded as done.
    syncDirectory(directory)
  })
}

function perform(order: FileOrder, directory: SafeDirectory, name: string): void {
  if (order.kind === 'write-file') writeFile(order, directory, name)
  else if (order.kind === 'write-link') replaceBy(directory, name, (path) => fs.symlinkSync(order.target, path))
  else if (order.kind === 'remove-file') fs.unlinkSync(directory.entry(name))
  else if (order.kind === 'create-directory') createDirectory(order, directory, name)
  else removeDirectory(order, directory, name)
}

/** A temporary file takes the old one's extended attributes, the new bytes, and then its name. */
function writeFile(order: Extract<FileOrder, { kind: 'write-file' }>, directory: SafeDirectory, name: string): void {
  replaceBy(directory, name, (temporary) => {
    const flags = fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_EXCL | fs.constants.O_NOFOLLOW
    const descriptor = fs.openSync(temporary, flags, 0o600)
    try {
      copyAttributes(directory, name, descriptor)
      if ('stored' in order) copyStored(order, descriptor)
      else writeAll(descriptor, Buffer.from(order.base64, 'base64'))
      if (order.uid !== undefined && order.gid !== undefined) fs.fchownSync(descriptor, order.uid, order.gid)
      fs.fchmodSync(descriptor, order.mode)
      fs.fsyncSync(descriptor)
    } finally {
      fs.closeSync(descriptor)
    }
  })
}

/** Piece by piece, and only if they are the bytes that the undo names: the file takes its name after this. */
function copyStored({ stored, sha256 }: { readonly stored: string; readonly sha256: string }, to: number): void {
  const from = fs.openSync(stored, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK)
  try {
    const hash = createHash('sha256')
    const piece = Buffer.allocUnsafe(PIECE_BYTES)
    for (;;) {
      const count = fs.readSync(from, piece, 0, piece.length, null)
      if (count === 0) break
      hash.update(piece.subarray(0, count))
      writeAll(to, piece.subarray(0, count))
    }
    if (hash.digest('hex') !== sha256)
      throw Object.assign(new Error(`${stored} does not hold the bytes that were saved`), { code: 'EBYTES' })
  } finally {
    fs.closeSync(from)
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length; ) offset += fs.writeSync(descriptor, bytes, offset)
}

/** Makes something under a name of its own beside the entry, and has it take the entry's name. */
function replaceBy(directory: SafeDirectory, name: string, make: (temporary: string) => void): void {
  const temporary = directory.entry(temporaryName(name))
  try {
    make(temporary)
    fs.renameSync(temporary, directory.entry(name))
  } catch (error) {
    fs.rmSync(temporary, { force: true })
    throw error
  }
}

/** Node has no call for extended attributes; cp carries them, access control lists and security labels included. */
function copyAttributes(directory: SafeDirectory, name: string, to: number): void {
  const stat = fs.lstatSync(directory.entry(name), { throwIfNoEntry: false })
  if (stat === undefined) return
  if (!stat.isFile())
    throw Object.assign(new Error(`${directory.entry(name)} is not a regular file`), { code: 'EEXIST' })
  const copied = spawnSync(
    'cp',
    ['--preserve=all', '--attributes-only', '--no-dereference', '--', `/proc/self/fd/4/${name}`, '/proc/self/fd/3'],
    { env: { PATH: ADMINISTRATOR_PATH }, stdio: ['ignore', 'ignore', 'pipe', to, directory.descriptor] },
  )
  if (copied.status !== 0) throw Object.assign(new Error(`cp: ${copied.stderr}`), { code: 'ECOPY' })
}

function createDirectory(
  order: Extract<FileOrder, { kind: 'create-directory' }>,
  directory: SafeDirectory,
  name: string,
): void {
  fs.mkdirSync(directory.entry(name), { mode: 0o700 })
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = fs.constants
  const made = fs.openSync(directory.entry(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  try {
    // Whoever owns the directory around it may have exchanged it meanwhile.
    if (fs.fstatSync(made).uid !== process.geteuid?.())
      throw Object.assign(new Error(`${order.path} was exchanged while it was made`), { code: 'EUNSAFE' })
    if (order.uid !== undefined && order.gid !== undefined) fs.fchownSync(made, order.uid, order.gid)
    fs.fchmodSync(made, order.mode)
  } finally {
    fs.closeSync(made)
  }
}

/** A cgroup is removed once no task is in it; those that are there may start others meanwhile. */
function removeDirectory(
  { tasksTo }: Extract<FileOrder, { kind: 'remove-directory' }>,
  directory: SafeDirectory,
  name: string,
): void {
  for (let attempt = 1; ; attempt += 1) {
    try {
      fs.rmdirSync(directory.entry(name))
      return
    } catch (error) {
      const isOccupied = (error as NodeJS.ErrnoException).code === 'EBUSY' && tasksTo !== undefined
      if (!isOccupied || attempt === MOST_ATTEMPTS) throw error
      moveTasks(`${directory.entry(name)}/cgroup.procs`, `${tasksTo}/cgroup.procs`)
    }
  }
}

function moveTasks(from: string, to: string): void {
  const target = fs.openSync(to, fs.constants.O_WRONLY)
  try {
    for (const pid of fs.readFileSync(from, 'utf8').split('\n').filter(Boolean)) {
      try {
        fs.writeSync(target, pid)
      } catch (error) {
        // It has ended.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
      }
    }
  } finally {
    fs.closeSync(target)
  }
}

function syncDirectory(directory: SafeDirectory): void {
  const descriptor = fs.openSync(directory.entry('.'), fs.constants.O_RDONLY | fs.constants.O_DIRECTORY)
  try {
    fs.fsyncSync(descriptor)
  } catch (error) {
    // A kernel file system, such as that of cgroups, has nothing to make durable and says so (fsync(2)).
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error
  } finally {
    fs.closeSync(descriptor)
  }
}
