import { type ChildProcess, spawn } from 'node:child_process'
import type { HandAnswer } from '../contract/hand.js'
import { boundOutput } from '../executor/bounded-output.js'
import { endGroup } from '../executor/process-group.js'

const MOST_OUTPUT = 1_048_576
const SHOWN_OUTPUT = 2_000
/** Milliseconds in which what was written last is read; what is left behind may hold the pipe for ever. */
const DRAIN = 300

/** A program to run for an order. */
export interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly input?: string
  /** Milliseconds until its process group is ended; without one it may take what it needs. */
  readonly timeout?: number
}

/**
 * Runs a program in a session and process group of its own, and answers when it has ended. At the deadline the whole
 * group is ended. What a program leaves behind when it ends by itself (a daemon) is left alone and not waited for.
 *
 * When the parent of the hand dies meanwhile, the program is neither ended nor abandoned: an order that was begun is
 * finished, as with a write. A program cut off at some instruction would leave what nobody can name, while one that
 * has ended left what its undo knows. Its deadline still holds, for the hand lives as long as the program: a recovery
 * sees the hand, waits for it, and until then leaves alone what the program works on.
 */
export async function runProgram(program: Program): Promise<HandAnswer> {
  const { command, timeout } = program
  const child = spawn(command, [...program.args], {
    detached: true,
    env: program.env,
    stdio: 'pipe',
  })
  const ending = endOf(child)
  // A program need not read its input to the end (EPIPE).
  child.stdin.on('error', () => undefined)
  child.stdin.end(program.input ?? '')
  // Many programs say on stdout why they fail.
  const outputs = [child.stdout, child.stderr].map((stream) => boundOutput(stream, MOST_OUTPUT))

  let ended: Promise<void> | undefined
  const timer =
    timeout === undefined
      ? undefined
      : setTimeout(() => {
          if (child.pid !== undefined) ended = endGroup(child.pid)
        }, timeout)
  const exit = await ending
  clearTimeout(timer)
  await ended
  await Promise.all(outputs.map((output) => output.drained(DRAIN)))
  child.unref()
  if ('failure' in exit) {
    const { code = 'UNKNOWN', message } = exit.failure
    return { outcome: 'failed', errno: code, message }
  }
  if (ended !== undefined)
    return {
      outcome: 'failed',
      errno: 'ETIMEDOUT',
      message: `${command} did not end within ${timeout} ms; it was ended`,
    }
  if (exit.code === 0) return { outcome: 'done' }
  const how = exit.code === null ? `signal ${exit.signal}` : `exit code ${exit.code}`
  const said = outputs.map((output) => output.text().trim()).filter((text) => text !== '')
  return {
    outcome: 'failed',
    errno: 'EEXIT',
    message: `${command} ended with ${how}: ${said.join('\n').slice(-SHOWN_OUTPUT)}`,
  }
}

type Exit =
  | { readonly code: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly failure: NodeJS.ErrnoException }

function endOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
    child.once('error', (failure) => resolve({ failure }))
  })
}
