import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type Contenders, durationOf, interleaved } from './interleaved.js'

/** What programs cost, in milliseconds. Asking for one that failed throws why. */
export interface ProcessorTimes<Name extends string> {
  /** User and system together, the least of all rounds. */
  processor(name: Name): number
  /** The shortest of all rounds. */
  wall(name: Name): number
}

/** Runs programs in turn, round after round. @param commands of each, the program and its arguments */
export async function processorTimes<Name extends string>(
  commands: { readonly [Each in Name]: readonly string[] },
  rounds: number,
  env: NodeJS.ProcessEnv,
): Promise<ProcessorTimes<Name>> {
  const contenders = Object.fromEntries(
    Object.entries<readonly string[]>(commands).map(([name, command]) => [name, () => costOf(command, env)]),
  ) as Contenders<Name, Cost>
  const of = await interleaved(contenders, rounds)
  return {
    processor: (name) => Math.min(...of(name).map(({ processor }) => processor)),
    wall: (name) => Math.min(...of(name).map(({ wall }) => wall)),
  }
}

interface Cost {
  readonly processor: number
  readonly wall: number
}

async function costOf(command: readonly string[], env: NodeJS.ProcessEnv): Promise<Cost> {
  let processor = Number.NaN
  const wall = await durationOf(async () => {
    processor = await processorTimeOf(command, env)
  })
  return { processor, wall }
}

/** Of its threads and its children too: bash, which waits for the program, asks the kernel (getrusage(2)). */
async function processorTimeOf(command: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
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
