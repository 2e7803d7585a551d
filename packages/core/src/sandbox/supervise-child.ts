import type { ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { boundOutput } from '../executor/bounded-output.js'
import { signalGroup } from '../executor/process-group.js'

const DRAIN = 300
const AFTER_KILL = 1_000

/** How a child is watched. The child leads a process group of its own. */
export interface Supervision {
  /** Milliseconds until it is ended. */
  readonly wall: number
  /** Milliseconds between SIGTERM and SIGKILL; 0 kills at once. */
  readonly grace: number
  /** Bytes kept of each of stdout and stderr. */
  readonly output: number
  readonly overflow: 'drop' | 'end'
  readonly input: string | Uint8Array | undefined
  /** The stream of its channel, and the bytes taken of it. */
  readonly channel: { readonly stream: Readable; readonly limit: number } | undefined
  readonly signal: AbortSignal | undefined
  /** Asks it to end. Default: SIGTERM to its group. */
  terminate?(): Promise<void>
}

/** How a supervised child ended. */
export interface SupervisedEnd {
  readonly exitCode: number | undefined
  readonly signal: string | undefined
  readonly stdout: string
  readonly stderr: string
  readonly channel: string
  readonly truncated: boolean
  readonly timedOut: boolean
  readonly overflowed: boolean
  readonly cancelled: boolean
  readonly durationMs: number
}

type Reason = 'timeout' | 'overflow' | 'cancelled'

/**
 * Waits for a child that was just started, within its bounds: whatever it does, this resolves soon after the deadline,
 * with no more than the bounded output kept. What is left of its process group when it ends is killed.
 */
export async function superviseChild(child: ChildProcess, supervision: Supervision): Promise<SupervisedEnd> {
  const { wall, grace, output, overflow, input, channel, signal } = supervision
  const started = performance.now()
  const group = child.pid
  if (group === undefined) throw new Error('a child that was not started cannot be supervised')
  const stdout = boundOutput(streamOf(child.stdout), output)
  const stderr = boundOutput(streamOf(child.stderr), output)
  const answer = channel === undefined ? undefined : boundOutput(channel.stream, channel.limit)
  const killOnExit = (): void => void signalGroup(group, 'SIGKILL')
  process.once('exit', killOnExit)
  giveInput(child.stdin, input)

  let why: Reason | undefined
  let gaveUp: () => void = () => undefined
  const exited = new Promise<{ readonly exitCode: number | undefined; readonly signal: string | undefined }>(
    (resolve) => {
      child.once('exit', (code, killedBy) => resolve({ exitCode: code ?? undefined, signal: killedBy ?? undefined }))
      gaveUp = () => resolve({ exitCode: undefined, signal: 'SIGKILL' })
    },
  )
  const end = (reason: Reason): void => {
    if (why !== undefined) return
    why = reason
    void endChild(exited, grace, group, supervision.terminate).then(gaveUp)
  }
  const timer = setTimeout(() => end('timeout'), wall)
  const onAbort = (): void => end('cancelled')
  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted === true) onAbort()
  if (overflow === 'end') {
    endWhenOver(streamOf(child.stdout), output, end)
    endWhenOver(streamOf(child.stderr), output, end)
  }
  if (channel !== undefined) endWhenOver(channel.stream, channel.limit, end)

  const exit = await exited
  clearTimeout(timer)
  signal?.removeEventListener('abort', onAbort)
  process.off('exit', killOnExit)
  signalGroup(group, 'SIGKILL')
  await Promise.all([stdout.drained(DRAIN), stderr.drained(DRAIN), answer?.drained(DRAIN)])
  child.stdin?.destroy()
  child.unref()
  return {
    ...exit,
    stdout: stdout.text(),
    stderr: stderr.text(),
    channel: answer?.text() ?? '',
    truncated: stdout.truncated || stderr.truncated || answer?.truncated === true,
    timedOut: why === 'timeout',
    overflowed: why === 'overflow' || answer?.truncated === true,
    cancelled: why === 'cancelled',
    durationMs: performance.now() - started,
  }
}

async function endChild(
  exited: Promise<unknown>,
  grace: number,
  group: number,
  terminate: (() => Promise<void>) | undefined,
): Promise<void> {
  if (grace > 0) {
    await (terminate === undefined ? Promise.resolve(void signalGroup(group, 'SIGTERM')) : terminate())
    await Promise.race([exited, delay(grace, undefined, { ref: false })])
  }
  signalGroup(group, 'SIGKILL')
  // A process that is stuck in the kernel does not even end by SIGKILL; nobody waits for it.
  await Promise.race([exited, delay(AFTER_KILL, undefined, { ref: false })])
}

function endWhenOver(stream: Readable, limit: number, end: (reason: Reason) => void): void {
  let bytes = 0
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > limit) end('overflow')
  })
}

function giveInput(stdin: Writable | null, input: string | Uint8Array | undefined): void {
  if (stdin === null) return
  // A program need not read its input to the end (EPIPE).
  stdin.on('error', () => undefined)
  stdin.end(input)
}

function streamOf(stream: Readable | null): Readable {
  if (stream === null) throw new Error('a supervised child has pipes for its output')
  return stream
}
