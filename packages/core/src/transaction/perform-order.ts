import * as fs from 'node:fs'
import type { HandAnswer, HandOrder } from '../contract/hand.js'
import { ADMINISTRATOR_PATH } from './administrator-path.js'
import { performFileOrder } from './file-orders.js'
import { runProgram } from './run-program.js'
import { syncOutputs } from './sync-outputs.js'

const READ_LIMIT = 1_048_576

/**
 * Performs one order on the machine and says how it ended, by the kernel's own error number. Runs in the hand. All but
 * a program is performed before this returns: a write that the kernel blocks blocks the hand, and nothing else.
 */
export async function performOrder(order: HandOrder): Promise<HandAnswer> {
  try {
    return await perform(order)
  } catch (error) {
    const { code = 'UNKNOWN', message } = error as NodeJS.ErrnoException
    return { outcome: 'failed', errno: code, message }
  }
}

function perform(order: HandOrder): HandAnswer | Promise<HandAnswer> {
  switch (order.kind) {
    case 'write-attribute':
      return writeAttribute(order.path, order.value)
    case 'read-attribute':
      return readAttribute(order.path)
    case 'write-file':
    case 'write-link':
    case 'remove-file':
    case 'create-directory':
    case 'remove-directory':
      performFileOrder(order)
      return { outcome: 'done' }
    case 'load-kernel-module': {
      const parameters = Object.entries(order.parameters).map(([name, value]) => `${name}=${value}`)
      return runProgram({
        command: 'modprobe',
        args: ['--', order.name, ...parameters],
        env: { PATH: ADMINISTRATOR_PATH },
      })
    }
    case 'unload-kernel-module':
      return runProgram({ command: 'rmmod', args: ['--', order.name], env: { PATH: ADMINISTRATOR_PATH } })
    case 'run-command':
      return runCommand(order)
  }
}

/** What the program wrote is on the disk before the answer, and so before the record that says it. */
async function runCommand(order: Extract<HandOrder, { kind: 'run-command' }>): Promise<HandAnswer> {
  const answer = await runProgram(order)
  try {
    syncOutputs(order.outputs ?? [])
  } catch (error) {
    // Why the program failed says more than what then became of its files.
    if (answer.outcome === 'done') throw error
  }
  return answer
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
