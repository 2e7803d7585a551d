import { type ChildProcess, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { agentError } from '../../errors/agent-error.js'
import type { KnownProcess } from '../end-runs.js'
import { findProcess } from '../process-table.js'
import { notedProcess } from './process-note.js'
import type { SupervisorOptions } from './run-supervisor.js'
import { SUPERVISOR_READY } from './supervisor-ready.js'

/** How the supervisor is started. */
export interface StartSupervisorOptions extends Omit<SupervisorOptions, 'onEvent'> {
  /** Program and first arguments. Default: node and the built program of this package. */
  readonly command?: readonly [program: string, ...args: string[]]
  /** Called when it ended without being asked to. */
  onLost(): void
}

/** The supervisor, running. */
export interface RunningSupervisor extends KnownProcess {
  /** True for a unit of its own, which this process neither started nor ends. */
  readonly own: boolean
  /** Lets it end: it ends what is left first. Safe to call twice. */
  close(): Promise<void>
}

/** Milliseconds; a machine under load takes seconds to start node. */
const LONGEST_START = 60_000
const LONGEST_END = 5000
const PAUSE = 500

/**
 * The supervisor of this daemon: the one that runs as a unit of its own (`janus-controls.service`), else a child in a session of its own.
 * @throws JANUS_AGENT_SUPERVISOR_UNAVAILABLE: then nothing may be run
 */
export async function startSupervisor(options: StartSupervisorOptions): Promise<RunningSupervisor> {
  const noted = notedProcess(options.runDirectory, 'supervisor')
  return noted === undefined ? startChild(options) : watchUnit(noted, options)
}

async function startChild({ command, onLost, ...options }: StartSupervisorOptions): Promise<RunningSupervisor> {
  const [program, ...args] = command ?? [process.execPath, builtProgram()]
  // Its own session: what a terminal sends to the daemon does not reach it.
  const child = spawn(program, [...args, JSON.stringify(options)], {
    cwd: '/',
    detached: true,
    env: {},
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  child.stdin.on('error', () => undefined)
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  const ready = await Promise.race([saysReady(child), exited, delay(LONGEST_START, undefined, { ref: false })])
  const identity = child.pid === undefined ? undefined : findProcess(child.pid)
  if (ready !== true || identity === undefined) {
    child.kill('SIGKILL')
    throw agentError('JANUS_AGENT_SUPERVISOR_UNAVAILABLE', `${args.at(-1) ?? program} did not start`)
  }
  child.unref()
  for (const stream of [child.stdin, child.stdout]) (stream as unknown as { unref(): void }).unref()
  let closing: Promise<void> | undefined
  void exited.then(() => {
    if (closing === undefined) onLost()
  })
  return {
    pid: identity.pid,
    startTime: identity.startTime,
    own: false,
    close: () => {
      closing ??= endChild(child, exited)
      return closing
    },
  }
}

async function endChild(child: ChildProcess, exited: Promise<void>): Promise<void> {
  // From here on its end is waited for.
  child.ref()
  child.stdin?.end()
  const late = delay(LONGEST_END, true, { ref: false })
  if ((await Promise.race([exited, late])) === true) child.kill('SIGKILL')
}

function watchUnit(noted: KnownProcess, { runDirectory, onLost }: StartSupervisorOptions): RunningSupervisor {
  const timer = setInterval(() => {
    if (notedProcess(runDirectory, 'supervisor')?.pid === noted.pid) return
    clearInterval(timer)
    onLost()
  }, PAUSE).unref()
  return { ...noted, own: true, close: async () => clearInterval(timer) }
}

function saysReady(child: ChildProcess): Promise<true> {
  return new Promise((resolve) => {
    let said = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (said.length < SUPERVISOR_READY.length) said += text
      if (said.startsWith(SUPERVISOR_READY)) resolve(true)
    })
  })
}

/** Found the same way from the sources and from an installed package. */
function builtProgram(): string {
  return join(dirname(createRequire(import.meta.url).resolve('@janus/agent/package.json')), 'dist', 'supervisor.js')
}
