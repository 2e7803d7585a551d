import { access } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { ResultPromise } from 'execa'
import type { Executor, RunOptions, RunResult } from '../contract/executor.js'
import { janusError } from '../errors/janus-error.js'
import { boundOutput } from './bounded-output.js'
import { endGroup, signalGroup } from './process-group.js'

/** Bytes kept of each stream unless the caller says otherwise. */
export const DEFAULT_MAX_OUTPUT = 1024 * 1024

const DRAIN = 300
const AFTER_KILL = 1000

/** How the leader of a process group ended; neither when it could not even be killed in time. */
interface Exit {
  readonly exitCode: number | undefined
  readonly signal: string | undefined
}

/**
 * Makes the executor that runs programs on this machine: each in a process group of its own, which a deadline, a
 * cancellation or the end of this process takes along. A daemon that a program leaves behind on success is left alone and not waited for.
 */
export function createLocalExecutor(): Executor {
  const live = new Set<number>()
  const killAll = (): void => {
    for (const group of live) signalGroup(group, 'SIGKILL')
  }

  const track = (group: number): (() => void) => {
    if (live.size === 0) process.once('exit', killAll)
    live.add(group)
    return () => {
      live.delete(group)
      if (live.size === 0) process.off('exit', killAll)
    }
  }

  return {
    run: async (command, args, options = {}) => {
      if (options.signal?.aborted === true) throw cancelled(command)
      const started = performance.now()
      const { child } = await start(command, args, options)
      if (child.pid === undefined) throw await notStarted(command, options, await child)
      const untrack = track(child.pid)
      try {
        return await waitFor(child, child.pid, command, options, started)
      } finally {
        untrack()
      }
    },
  }
}

type Child = ResultPromise<{ buffer: false; reject: false; stdin: 'pipe'; stdout: 'pipe'; stderr: 'pipe' }>

/** The program is wrapped because it is a promise of its end itself. */
async function start(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<{ readonly child: Child }> {
  const { execa } = await import('execa')
  if (options.signal?.aborted === true) throw cancelled(command)
  try {
    const child = execa(command, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...options.env },
      extendEnv: false,
      detached: true,
      cleanup: false,
      stdin: options.input === undefined ? 'ignore' : 'pipe',
      stdout: 'pipe',
      stderr: 'pipe',
      buffer: false,
      reject: false,
    })
    return { child: child as unknown as Child }
  } catch (cause) {
    throw janusError('JANUS_EXECUTOR_SPAWN_FAILED', `${JSON.stringify(command)} could not be started`, { cause })
  }
}

async function waitFor(
  child: Child,
  group: number,
  command: string,
  { input, timeout, maxOutput = DEFAULT_MAX_OUTPUT, signal }: RunOptions,
  started: number,
): Promise<RunResult> {
  const stdout = boundOutput(child.stdout, maxOutput)
  const stderr = boundOutput(child.stderr, maxOutput)
  giveInput(child, input)
  let why: 'timeout' | 'cancelled' | undefined
  let gaveUp: (exit: Exit) => void = () => undefined
  let ending: Promise<void> | undefined
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, killedBy) => resolve({ exitCode: code ?? undefined, signal: killedBy ?? undefined }))
    gaveUp = resolve
  })
  const end = (reason: 'timeout' | 'cancelled'): void => {
    why ??= reason
    ending ??= endGroup(group).then(async () => {
      // A process that is stuck in the kernel does not even end by SIGKILL; nobody waits for it here.
      await Promise.race([exited, delay(AFTER_KILL, undefined, { ref: false })])
      gaveUp({ exitCode: undefined, signal: 'SIGKILL' })
    })
  }
  const timer = timeout === undefined ? undefined : setTimeout(() => end('timeout'), timeout)
  const onAbort = (): void => end('cancelled')
  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted === true) onAbort()
  const exit = await exited
  clearTimeout(timer)
  signal?.removeEventListener('abort', onAbort)
  const durationMs = performance.now() - started
  await ending
  await Promise.all([stdout.drained(DRAIN), stderr.drained(DRAIN)])
  child.unref()
  if (why === 'cancelled') throw cancelled(command)
  const truncated = stdout.truncated || stderr.truncated
  return { ...exit, stdout: stdout.text(), stderr: stderr.text(), durationMs, truncated, timedOut: why === 'timeout' }
}

function giveInput(child: Child, input: string | undefined): void {
  if (input === undefined || child.stdin === null) return
  // A program need not read its input to the end (EPIPE).
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
}

async function notStarted(
  command: string,
  { cwd }: RunOptions,
  failure: { readonly code?: string | undefined },
): Promise<Error> {
  const name = JSON.stringify(command)
  const data = { command, ...(failure.code === undefined ? {} : { errno: failure.code }) }
  if (failure.code !== 'ENOENT') {
    return janusError('JANUS_EXECUTOR_SPAWN_FAILED', `${name} could not be started`, { data, cause: failure })
  }
  if (cwd !== undefined && !(await isThere(cwd))) {
    return janusError('JANUS_EXECUTOR_SPAWN_FAILED', `${name} could not be started: there is no directory ${cwd}`, {
      data,
      cause: failure,
    })
  }
  if (command.includes('/') && (await isThere(command))) {
    return janusError('JANUS_EXECUTOR_SPAWN_FAILED', `${name} could not be started: its interpreter is missing`, {
      data,
      cause: failure,
    })
  }
  return janusError('JANUS_EXECUTOR_NOT_FOUND', `the program ${name} was not found`, { data, cause: failure })
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

function cancelled(command: string): Error {
  return janusError('JANUS_EXECUTOR_CANCELLED', `${JSON.stringify(command)} was cancelled`, { data: { command } })
}
