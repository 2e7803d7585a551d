import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

/**
 * Runs a program to its end and tells the processor time it took, its threads and its children included: bash, which
 * waits for it, asks the kernel (getrusage(2)).
 * @returns milliseconds, user and system together
 */
export async function processorTimeOf(command: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn('bash', ['-c', 'TIMEFORMAT="%U %S"; time "$@" 2>&3', 'bash', ...command], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    env: { ...env, LC_ALL: 'C' },
  })
  const [, , measured, errors] = child.stdio
  const ended = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  const [exitCode, times, said] = await Promise.all([ended, text(measured as Readable), text(errors as Readable)])
  // 1 is an answer: critical findings.
  if (exitCode !== 0 && exitCode !== 1) throw new Error(`${command.join(' ')} ended with ${exitCode}:\n${said}${times}`)
  const [user = Number.NaN, system = Number.NaN] = times.trim().split(' ').map(Number)
  return (user + system) * 1000
}
