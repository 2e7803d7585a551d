import { readFileSync } from 'node:fs'
import type { Readable } from 'node:stream'

const MOST_BYTES = 64 * 1024

/** What bubblewrap said on its status descriptor so far. */
export interface SandboxStatus {
  /** True once its namespaces are there. */
  wasSetUp(): boolean
  /** Host process id of the first process inside; undefined as long as it is not known, and for one that ended too soon. */
  childPid(): number | undefined
  /** The same as soon as it is known; undefined when bubblewrap ended without one. */
  announced(): Promise<number | undefined>
  /** There only when the program really ran to its end. */
  exitCode(): number | undefined
}

/**
 * Reads the JSON documents that `bwrap --json-status-fd` writes, one on each line.
 * @param onHost tells the host process id of the first process inside, by the number that bubblewrap gave. Default: the same
 */
export function readStatus(
  stream: Readable,
  onHost: (announced: number) => number | undefined = (announced) => announced,
): SandboxStatus {
  let text = ''
  let found: number | undefined
  const childPid = (): number | undefined => {
    const announced = numberIn(text, 'child-pid')
    if (announced !== undefined) found ??= onHost(announced)
    return found
  }
  stream.setEncoding('utf8')
  const announced = new Promise<number | undefined>((resolve) => {
    stream.on('data', (chunk: string) => {
      if (text.length < MOST_BYTES) text += chunk
      if (childPid() !== undefined) resolve(childPid())
    })
    stream.once('close', () => resolve(childPid()))
  })
  stream.on('error', () => undefined)
  const wasSetUp = (): boolean => numberIn(text, 'child-pid') !== undefined
  return { wasSetUp, childPid, announced: () => announced, exitCode: () => numberIn(text, 'exit-code') }
}

/**
 * What a process started first. Of bubblewrap that is its own first process inside, which reaps; of that it is the program.
 * @param childPid of {@link SandboxStatus}, or of bubblewrap
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
