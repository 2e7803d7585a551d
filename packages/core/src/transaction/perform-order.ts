import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { HandAnswer, HandOrder } from '../contract/hand.js'

const ADMINISTRATOR_PATH = '/usr/sbin:/usr/bin:/sbin:/bin'
const READ_LIMIT = 1_048_576

/** Performs one order on the machine and says how it ended, by the kernel's own error number. Runs in the hand. */
export function performOrder(order: HandOrder): HandAnswer {
  try {
    return perform(order)
  } catch (error) {
    const { code = 'UNKNOWN', message } = error as NodeJS.ErrnoException
    return { outcome: 'failed', errno: code, message }
  }
}

function perform(order: HandOrder): HandAnswer {
  switch (order.kind) {
    case 'write-attribute':
      return writeAttribute(order.path, order.value)
    case 'read-attribute':
      return readAttribute(order.path)
    case 'write-file':
      return writeFile(order)
    case 'write-link':
      return writeLink(order.path, order.target)
    case 'remove-file':
      fs.unlinkSync(order.path)
      return settled(order.path)
    case 'create-directory':
      return createDirectory(order)
    case 'remove-directory':
      fs.rmdirSync(order.path)
      return settled(order.path)
    case 'load-kernel-module': {
      const parameters = Object.entries(order.parameters).map(([name, value]) => `${name}=${value}`)
      return run('modprobe', ['--', order.name, ...parameters], { PATH: ADMINISTRATOR_PATH })
    }
    case 'unload-kernel-module':
      return run('rmmod', ['--', order.name], { PATH: ADMINISTRATOR_PATH })
    case 'run-command':
      return run(order.command, order.args, order.env, order)
  }
}

/** One open and one write, as sysfs wants it: without O_TRUNC or O_CREAT, so that nothing but the attribute is touched. */
function writeAttribute(path: string, value: string): HandAnswer {
  const descriptor = fs.openSync(path, fs.constants.O_WRONLY)
  try {
    const bytes = Buffer.from(value, 'utf8')
    const written = fs.writeSync(descriptor, bytes)
    if (written === bytes.length) return { outcome: 'done' }
    return { outcome: 'failed', errno: 'ESHORT', message: `only ${written} of ${bytes.length} bytes were taken` }
  } finally {
    fs.closeSync(descriptor)
  }
}

function readAttribute(path: string): HandAnswer {
  const descriptor = fs.openSync(path, fs.constants.O_RDONLY)
  try {
    const buffer = Buffer.alloc(READ_LIMIT)
    return { outcome: 'done', value: buffer.toString('utf8', 0, fs.readSync(descriptor, buffer)) }
  } finally {
    fs.closeSync(descriptor)
  }
}

/**
 * Atomic: a temporary file in the same directory takes the old one's extended attributes, the new bytes, and its name.
 * The directory may belong to somebody else: the file is made here or not at all, and reached by descriptor from then on.
 */
function writeFile(order: Extract<HandOrder, { kind: 'write-file' }>): HandAnswer {
  const temporary = temporaryBeside(order.path)
  const flags = fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_EXCL | fs.constants.O_NOFOLLOW
  const descriptor = fs.openSync(temporary, flags, 0o600)
  try {
    try {
      copyAttributes(order.path, descriptor)
      const bytes = Buffer.from(order.base64, 'base64')
      for (let offset = 0; offset < bytes.length; ) offset += fs.writeSync(descriptor, bytes, offset)
      if (order.uid !== undefined && order.gid !== undefined) fs.fchownSync(descriptor, order.uid, order.gid)
      fs.fchmodSync(descriptor, order.mode)
      fs.fsyncSync(descriptor)
    } finally {
      fs.closeSync(descriptor)
    }
    fs.renameSync(temporary, order.path)
  } catch (error) {
    fs.rmSync(temporary, { force: true })
    throw error
  }
  return settled(order.path)
}

/** Node has no call for extended attributes; cp carries them, access control lists and security labels included. */
function copyAttributes(from: string, to: number): void {
  const stat = fs.lstatSync(from, { throwIfNoEntry: false })
  if (stat === undefined) return
  if (!stat.isFile()) throw Object.assign(new Error(`${from} is not a regular file`), { code: 'EEXIST' })
  const copied = spawnSync(
    'cp',
    ['--preserve=all', '--attributes-only', '--no-dereference', '--', from, '/proc/self/fd/3'],
    {
      env: { PATH: ADMINISTRATOR_PATH },
      stdio: ['ignore', 'ignore', 'pipe', to],
    },
  )
  if (copied.status !== 0) throw Object.assign(new Error(`cp: ${copied.stderr}`), { code: 'ECOPY' })
}

function writeLink(path: string, target: string): HandAnswer {
  const temporary = temporaryBeside(path)
  fs.symlinkSync(target, temporary)
  fs.renameSync(temporary, path)
  return settled(path)
}

function createDirectory(order: Extract<HandOrder, { kind: 'create-directory' }>): HandAnswer {
  fs.mkdirSync(order.path, { mode: 0o700 })
  if (order.uid !== undefined && order.gid !== undefined) fs.lchownSync(order.path, order.uid, order.gid)
  fs.chmodSync(order.path, order.mode)
  return settled(order.path)
}

/** The directory entry is durable before the step is recorded as done. */
function settled(path: string): HandAnswer {
  const descriptor = fs.openSync(dirname(path), fs.constants.O_RDONLY | fs.constants.O_DIRECTORY)
  try {
    fs.fsyncSync(descriptor)
  } finally {
    fs.closeSync(descriptor)
  }
  return { outcome: 'done' }
}

function temporaryBeside(path: string): string {
  return join(dirname(path), `.${basename(path).slice(0, 50)}.janus-${randomBytes(8).toString('hex')}`)
}

function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  options: { readonly timeout?: number; readonly input?: string } = {},
): HandAnswer {
  const result = spawnSync(command, [...args], {
    env,
    input: options.input ?? '',
    killSignal: 'SIGKILL',
    maxBuffer: READ_LIMIT,
    ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
  })
  if (result.error !== undefined) throw result.error
  if (result.status === 0) return { outcome: 'done' }
  const ending = result.status === null ? `signal ${result.signal}` : `exit code ${result.status}`
  const output = result.stderr.toString('utf8').trim().slice(-2_000)
  return { outcome: 'failed', errno: 'EEXIT', message: `${command} ended with ${ending}: ${output}` }
}
