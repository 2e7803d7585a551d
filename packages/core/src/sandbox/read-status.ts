import { readFileSync } from 'node:fs'
import type { Readable } from 'node:stream'

const MOST_BYTES = 64 * 1024

/** What bubblewrap said on its status descriptor so far. */
export interface SandboxStatus {
  /** Host process id of the first process inside. */
  childPid(): number | undefined
  /** The same as soon as it is known; undefined when bubblewrap ended without one. */
  announced(): Promise<number | undefined>
  /** There only when the program really ran to its end. */
  exitCode(): number | undefined
}

/** Reads the JSON documents that `bwrap --json-status-fd` writes, one on each line. */
export function readStatus(stream: Readable): SandboxStatus {
  let text = ''
  const childPid = (): number | undefined => numberIn(text, 'child-pid')
  stream.setEncoding('utf8')
  const announced = new Promise<number | undefined>((resolve) => {
    stream.on('data', (chunk: string) => {
      if (text.length < MOST_BYTES) text += chunk
      if (childPid() !== undefined) resolve(childPid())
    })
    stream.once('close', () => resolve(childPid()))
  })
  stream.on('error', () => undefined)
  return { childPid, announced: () => announced, exitCode: () => numberIn(text, 'exit-code') }
}

/**
 * The program itself: bubblewrap's own first process inside reaps, and what it started is the program.
 * @param childPid of {@link SandboxStatus}
 */
export function programOf(childPid: number): number | undefined {
  try {
    const [first] = readFileSync(`/proc/${childPid}/task/${childPid}/children`, 'utf8').trim().split(' ')
    const pid = Number(first)
    return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined
  } catch {
    return undefined
  }
}

function numberIn(text: string, name: string): number | undefined {
  for (const line of text.split('\n')) {
    try {
      const value: unknown = (JSON.parse(line) as Record<string, unknown>)[name]
      if (typeof value === 'number') return value
    } catch {
      // The last line may not have arrived whole.
    }
  }
  return undefined
}
