import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { type Executor, janusError, type RunOptions, type RunResult } from '@janus/core'
import type { KeptOutput, RunEnd, RunSandbox, ToolRun } from '../contract/run.js'
import type { ExecutionLimits } from '../contract/warrant.js'

/** How programs of an executor are run. */
export interface SandboxExecutorOptions {
  readonly limits: ExecutionLimits
  /** Shown besides /usr, read-only. */
  readonly readOnly?: ToolRun['readOnly']
}

/** Starts a program with exactly the environment that is given, which the sandbox alone would add to. */
const LAUNCHER = '/usr/bin/env'
const NOT_EXECUTABLE = 126
const NOT_FOUND = 127
const MOST_OUTPUT = 1024 * 1024
const SECOND = 1000
const GRACE = 500

/**
 * Makes an executor that runs every program in the sandbox. A working directory is one inside; what a program leaves in its workspace is removed with its end.
 * @param sandbox one whose self-test has passed
 */
export function sandboxExecutor(sandbox: RunSandbox, { limits, readOnly }: SandboxExecutorOptions): Executor {
  return {
    async run(command, args, options = {}) {
      if (options.signal?.aborted === true) throw cancelled(command)
      requirePlain(command, args)
      const maxOutput = options.maxOutput ?? MOST_OUTPUT
      const end = await sandbox.run({
        id: `executor-${randomBytes(8).toString('hex')}`,
        program: LAUNCHER,
        argv: ['-i', '--', ...assignments(options), command, ...args],
        environment: {},
        limits: { ...limits, wallSeconds: Math.min(limits.wallSeconds, (options.timeout ?? Infinity) / SECOND) },
        network: [],
        keptOutput: 2 * maxOutput,
        mostOutput: Number.MAX_SAFE_INTEGER,
        grace: GRACE,
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        ...(options.input === undefined ? {} : { input: options.input }),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
        ...(readOnly === undefined ? {} : { readOnly }),
      })
      await rm(end.workspace, { recursive: true, force: true })
      return resultOf(command, end, maxOutput)
    },
  }
}

function assignments({ env = {} }: RunOptions): readonly string[] {
  return Object.entries(env).map(([name, value]) => `${name}=${value}`)
}

/** A command with `=` in it would be an assignment to the launcher. */
function requirePlain(command: string, args: readonly string[]): void {
  if (command !== '' && !command.includes('=') && ![command, ...args].some((word) => word.includes('\0'))) return
  throw janusError('JANUS_EXECUTOR_SPAWN_FAILED', `${JSON.stringify(command)} could not be started`, {
    data: { command },
  })
}

function resultOf(command: string, end: RunEnd, maxOutput: number): RunResult {
  if (end.ending === 'cancelled') throw cancelled(command)
  const failure = end.ending === 'not-started' ? end.summary : launcherFailure(end)
  if (failure !== undefined) {
    const code = end.exitCode === NOT_FOUND ? 'JANUS_EXECUTOR_NOT_FOUND' : 'JANUS_EXECUTOR_SPAWN_FAILED'
    throw janusError(code, `${JSON.stringify(command)} could not be started: ${failure}`, { data: { command } })
  }
  const timedOut = end.ending === 'timeout'
  return {
    exitCode: end.signal === undefined ? end.exitCode : undefined,
    signal: end.signal,
    stdout: headOf(end.stdout, maxOutput),
    stderr: headOf(end.stderr, maxOutput),
    durationMs: end.durationMs,
    truncated: end.stdout.bytes > maxOutput || end.stderr.bytes > maxOutput,
    timedOut,
  }
}

function launcherFailure({ exitCode, stderr }: RunEnd): string | undefined {
  const isOfLauncher = exitCode === NOT_EXECUTABLE || exitCode === NOT_FOUND
  return isOfLauncher && stderr.text.startsWith(`${LAUNCHER}: `)
    ? stderr.text.slice(LAUNCHER.length + 2).trim()
    : undefined
}

/** Twice as much was kept: the first half is the head. */
function headOf({ text, bytes, truncated }: KeptOutput, maxOutput: number): string {
  if (bytes <= maxOutput) return text
  if (truncated) return text.slice(0, text.lastIndexOf(`\n[${bytes - 2 * maxOutput} bytes left out]\n`))
  return Buffer.from(text).subarray(0, maxOutput).toString('utf8')
}

function cancelled(command: string): Error {
  return janusError('JANUS_EXECUTOR_CANCELLED', `${JSON.stringify(command)} was cancelled`, { data: { command } })
}
