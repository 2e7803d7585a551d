import type { Readable } from 'node:stream'
import { readShortFile } from './read-short-file.js'

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

/** A status that is told what bubblewrap said. */
export interface StatusCollector {
  readonly status: SandboxStatus
  take(text: string): void
  /** Nothing more is said. */
  end(): void
}

/**
 * Collects the JSON documents that `bwrap --json-status-fd` writes, one on each line.
 * @param onHost tells the host process id of the first process inside, by the number that bubblewrap gave. Default: the same
 */
export function collectStatus(
  onHost: (announced: number) => number | undefined = (announced) => announced,
): StatusCollector {
  let text = ''
  let found: number | undefined
  let resolveAnnounced: (childPid: number | undefined) => void = () => undefined
  const announced = new Promise<number | undefined>((resolve) => {
    resolveAnnounced = resolve
  })
  const childPid = (): number | undefined => {
    const announcedPid = numberIn(text, 'child-pid')
    if (announcedPid !== undefined) found ??= onHost(announcedPid)
    return found
  }
  const wasSetUp = (): boolean => numberIn(text, 'child-pid') !== undefined
  return {
    status: { wasSetUp, childPid, announced: () => announced, exitCode: () => numberIn(text, 'exit-code') },
    take(more) {
      if (text.length < MOST_BYTES) text += more
      if (childPid() !== undefined) resolveAnnounced(childPid())
    },
    end: () => resolveAnnounced(childPid()),
  }
}

/** The status of a bubblewrap that has this stream for itself. */
export function readStatus(stream: Readable): SandboxStatus {
  const { status, take, end } = collectStatus()
  stream.setEncoding('utf8')
  stream.on('data', take)
  stream.once('close', end)
  stream.on('error', () => undefined)
  return status
}

/**
 * What a process started first. Of bubblewrap that is its own first process inside, which reaps; of that it is the program.
 * @param childPid of {@link SandboxStatus}, or of bubblewrap
 */
export function programOf(childPid: number): number | undefined {
  return childrenOf(childPid)?.[0]
}

/** What a process started and has not waited for, in that order; undefined when it is not there itself. */
export function childrenOf(pid: number): readonly number[] | undefined {
  try {
    const words = readShortFile(`/proc/${pid}/task/${pid}/children`).trim().split(' ')
    return words.map(Number).filter((child) => Number.isSafeInteger(child) && child > 1)
  } catch {
    return undefined
  }
}

/** False for one that has ended, waited for or not. */
export function isRunning(pid: number): boolean {
  try {
    const text = readShortFile(`/proc/${pid}/stat`)
    return !['Z', 'X'].includes(text.slice(text.lastIndexOf(') ') + 2)[0] ?? 'X')
  } catch {
    return false
  }
}

/** The number that one of these documents has under a name. */
export function numberIn(text: string, name: string): number | undefined {
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
