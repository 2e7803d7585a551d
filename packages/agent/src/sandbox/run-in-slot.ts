import {
  type PrepareSandbox,
  prepareLaunch,
  type ResolvedBind,
  type SandboxLimits,
  type SocketFamily,
} from '@janus/core/sandbox'
import type { RunProcesses } from '../contract/run.js'
import type { ExecutionLimits } from '../contract/warrant.js'
import { identifyProcess, signalProcess } from './process-identity.js'
import type { SandboxSlot } from './sandbox-slots.js'
import { type RunWatch, superviseRun, type WatchedEnd } from './supervise-run.js'

/** A program, as a slot runs it. */
export interface SlotProgram {
  readonly command: string
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly cwd: string
  readonly readOnly: readonly ResolvedBind[]
  readonly writable: readonly ResolvedBind[]
  readonly sockets: readonly SocketFamily[]
  readonly processLimits: Partial<SandboxLimits>
  /** True where its cgroup bounds how many processes there are. */
  readonly boundsProcesses: boolean
  readonly limits: ExecutionLimits
  readonly watch: RunWatch
  /** Connects it to what it may reach, before it is there. */
  readonly prepare: PrepareSandbox | undefined
  /** The last questions, right before it starts. */
  beforeStart(): void
  onStarted(processes: RunProcesses): void
}

/** What the sandbox itself sets; a run cannot. */
const OWN_ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/home/tool', LANG: 'C.UTF-8', TMPDIR: '/tmp' }

/**
 * Runs a program in a slot, to its end. From the questions to the report that it started nothing else happens in this process.
 * @throws what `beforeStart`, `onStarted` or `prepare` throws; nothing of the run is left then
 */
export async function runInSlot({ prepared, cgroup }: SandboxSlot, program: SlotProgram): Promise<WatchedEnd> {
  const leader = identifyProcess(prepared.pid)
  if (leader === undefined) throw new Error('the sandbox that was prepared is gone')
  cgroup.limit(program.limits)
  program.beforeStart()
  const launch = prepared.launch({
    command: program.command,
    args: program.args,
    env: { ...program.environment, ...OWN_ENVIRONMENT },
    cwd: program.cwd,
    readOnly: program.readOnly,
    writable: program.writable,
    sockets: program.sockets,
    limits: program.processLimits,
    boundsProcesses: program.boundsProcesses,
    held: program.prepare !== undefined,
    input: program.watch.input,
  })
  const ended = new AbortController()
  let thrown: { readonly error: unknown } | undefined
  try {
    program.onStarted({ ...leader, cgroup: cgroup.directory })
  } catch (error) {
    thrown = { error }
    signalProcess(leader, 'SIGKILL')
  }
  const { signal } = program.watch
  const endedOrCancelled = signal === undefined ? ended.signal : AbortSignal.any([ended.signal, signal])
  if (thrown !== undefined) ended.abort()
  const preparation = prepareLaunch(launch, thrown === undefined ? program.prepare : neverPrepared, endedOrCancelled)
  const end = await superviseRun(launch, leader, cgroup, launch, program.watch)
  ended.abort()
  const { failure } = await preparation
  if (thrown !== undefined) throw thrown.error
  if (failure !== undefined && end.stderr.bytes === 0) throw failure
  return end
}

async function neverPrepared(): Promise<never> {
  throw new Error('it was not to be started')
}
