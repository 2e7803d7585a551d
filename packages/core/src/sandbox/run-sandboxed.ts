import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { isMainThread } from 'node:worker_threads'
import { janusError } from '../errors/janus-error.js'
import { inheritedDescriptors } from './inherited-descriptors.js'
import { launchedChild } from './launched-child.js'
import { type HeldLaunch, prepareLaunch } from './prepare-launch.js'
import { isReachableBy } from './reachable-by.js'
import { programOf, readStatus, type SandboxStatus } from './read-status.js'
import { resolveBinds } from './resolve-binds.js'
import {
  type ResolvedBind,
  SANDBOX_DESCRIPTORS,
  SANDBOX_HOME,
  SANDBOX_WORKSPACE,
  sandboxArguments,
} from './sandbox-arguments.js'
import { type SandboxIdentity, sandboxIdentity } from './sandbox-identity.js'
import {
  CHANNEL_DESCRIPTOR,
  limitsOf,
  type SandboxLimits,
  type SandboxRequest,
  type SandboxResult,
} from './sandbox-request.js'
import { seccompProgram } from './seccomp-program.js'
import { type StagedLaunch, stagedLaunch } from './stage-mounts.js'
import { superviseChild } from './supervise-child.js'
import type { SandboxArchitecture } from './system-calls.js'
import { systemDirectories } from './system-directories.js'

/** What starts a sandbox on this machine. */
export interface SandboxTools {
  /** Path of bubblewrap. */
  readonly program: string
  readonly prlimit: string
  readonly architecture: SandboxArchitecture
  /** User that root becomes. Default: one without a name. */
  readonly identity?: SandboxIdentity
}

const FIRST_FREE_DESCRIPTOR = CHANNEL_DESCRIPTOR + 1
/** The standard streams, and what bubblewrap reads and writes. */
const BUBBLEWRAP_PIPES = Array.from({ length: CHANNEL_DESCRIPTOR }, (_, descriptor) => descriptor)

/**
 * Runs a program in a sandbox: its own namespaces, no network, no capabilities, a read-only view of what it is shown, a
 * filter for system calls, limits, and its end together with ours. As root it runs as an unprivileged user of the host.
 * @throws JANUS_USAGE from a worker thread, or for user 0; JANUS_SANDBOX_BIND_REFUSED; JANUS_SANDBOX_UNAVAILABLE when it
 * cannot even be tried
 */
export async function runSandboxed(tools: SandboxTools, request: SandboxRequest): Promise<SandboxResult> {
  if (!isMainThread) {
    throw janusError('JANUS_USAGE', 'a sandbox is started from the main thread only: it would end with its thread')
  }
  const limits = limitsOf(request.limits)
  const identity = sandboxIdentity(tools.identity)
  const binds = await resolveBinds(request.readOnly ?? [])
  const [workspace] = request.workspace === undefined ? [] : await resolveBinds([{ source: request.workspace }])
  const stage = await stageFor(identity, binds)
  const launch = await start(tools, request, limits, { identity, stage, binds: stage?.binds ?? binds, workspace })
  const { child, status } = launch
  const ended = new AbortController()
  const preparation = prepareLaunch(
    launch,
    request.prepare,
    request.signal === undefined ? ended.signal : AbortSignal.any([ended.signal, request.signal]),
  )
  const end = await superviseChild(child, {
    ...limits,
    overflow: request.overflow ?? 'drop',
    input: request.input,
    channel:
      request.channel === undefined
        ? undefined
        : { stream: readableAt(child, CHANNEL_DESCRIPTOR), limit: request.channel },
    signal: request.signal,
    terminate: async () => terminateProgram(status),
  })
  ended.abort()
  const { released, failure } = await preparation
  // What bubblewrap says of itself explains more than that nothing could be prepared in what it left.
  if (failure !== undefined && end.stderr === '') throw failure
  const exitCode = status.exitCode()
  const started = released && hasStarted(end.stderr, status, end.timedOut || end.overflowed || end.cancelled)
  return {
    ...end,
    started,
    exitCode: started ? exitCode : undefined,
    signal: exitCode === undefined ? end.signal : signalIn(exitCode),
  }
}

interface Placement {
  readonly identity: SandboxIdentity | undefined
  readonly stage: StagedLaunch | undefined
  readonly binds: readonly ResolvedBind[]
  readonly workspace: ResolvedBind | undefined
}

async function start(
  tools: SandboxTools,
  request: SandboxRequest,
  limits: SandboxLimits,
  { identity, stage, binds, workspace }: Placement,
): Promise<HeldLaunch & { readonly child: ChildProcess }> {
  const seccomp = seccompProgram(tools.architecture, {
    sockets: request.sockets ?? [],
    processes: request.startsProcesses ?? true,
  })
  const { options, command } = sandboxArguments({
    command: request.command,
    args: request.args,
    env: request.env ?? defaultEnvironment(limits),
    cwd: request.cwd ?? (workspace === undefined ? '/' : SANDBOX_WORKSPACE),
    system: await systemDirectories(),
    readOnly: binds,
    machine: request.machine ?? false,
    workspace: workspace === undefined ? undefined : { source: workspace.source, target: SANDBOX_WORKSPACE },
    limits,
    prlimit: tools.prlimit,
    held: request.prepare !== undefined,
  })
  const bubblewrap = ['--args', String(SANDBOX_DESCRIPTORS.arguments), ...command]
  const [program, args] =
    stage === undefined ? [tools.program, bubblewrap] : [stage.command, [...stage.args, tools.program, ...bubblewrap]]
  const child = await spawnMasked(program, args, {
    pipes: [...BUBBLEWRAP_PIPES, ...(request.channel === undefined ? [] : [CHANNEL_DESCRIPTOR])],
    identity: stage === undefined ? identity : undefined,
  })
  give(child, SANDBOX_DESCRIPTORS.arguments, Buffer.from(options.map((argument) => `${argument}\0`).join('')))
  give(child, SANDBOX_DESCRIPTORS.seccomp, seccomp)
  const { passwd, hosts, nsswitch } = syntheticFiles(identity)
  give(child, SANDBOX_DESCRIPTORS.hosts, Buffer.from(hosts))
  give(child, SANDBOX_DESCRIPTORS.nsswitch, Buffer.from(nsswitch))
  return {
    child,
    program: launchedChild(child),
    status: readStatus(readableAt(child, SANDBOX_DESCRIPTORS.status)),
    // Bubblewrap reads this file in the middle of its set-up, in the user namespace that owns the network namespace; at its
    // `--block-fd` it is already in the one that `--disable-userns` makes, from where there is no way into the network.
    release: () => give(child, SANDBOX_DESCRIPTORS.passwd, Buffer.from(passwd)),
  }
}

/** Every descriptor that we inherited and bubblewrap would pass on is covered by /dev/null. */
export async function spawnMasked(
  command: string,
  args: readonly string[],
  {
    pipes,
    identity,
  }: {
    /** Descriptors that are pipes from here, in order; what else is below the first free one is nothing. */
    readonly pipes: readonly number[]
    readonly identity: SandboxIdentity | undefined
  },
): Promise<ChildProcess> {
  const nothing = openSync('/dev/null', constants.O_RDONLY)
  try {
    const count = Math.max(FIRST_FREE_DESCRIPTOR, ...pipes.map((descriptor) => descriptor + 1))
    const stdio: ('pipe' | 'ignore' | number)[] = Array.from({ length: count }, () => nothing)
    for (const descriptor of pipes) stdio[descriptor] = 'pipe'
    for (const descriptor of inheritedDescriptors(stdio.length)) stdio[descriptor] = nothing
    const child = spawn(command, args, {
      cwd: '/',
      env: {},
      detached: true,
      stdio: Array.from(stdio, (entry) => entry ?? 'ignore'),
      ...identity,
    })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', reject)
    })
    return child
  } catch (cause) {
    throw janusError('JANUS_SANDBOX_UNAVAILABLE', `${command} could not be started`, { cause })
  } finally {
    closeSync(nothing)
  }
}

async function stageFor(
  identity: SandboxIdentity | undefined,
  binds: readonly ResolvedBind[],
): Promise<StagedLaunch | undefined> {
  if (identity === undefined) return undefined
  const reachable = await Promise.all(binds.map(({ source }) => isReachableBy(identity, source)))
  return reachable.includes(false) ? stagedLaunch(binds, identity) : undefined
}

/** SIGTERM to bubblewrap would be a SIGKILL for the program. */
export function terminateProgram(status: SandboxStatus): void {
  const childPid = status.childPid()
  const program = childPid === undefined ? undefined : programOf(childPid)
  if (program === undefined) return
  try {
    process.kill(program, 'SIGTERM')
  } catch {
    // It ended meanwhile.
  }
}

export function hasStarted(stderr: string, status: SandboxStatus, wasEnded: boolean): boolean {
  const exitCode = status.exitCode()
  if (exitCode === undefined) return wasEnded && status.wasSetUp()
  return exitCode < 126 || exitCode > 127 || !stderr.startsWith('prlimit: ')
}

/** A program that a signal ended leaves 128 and its number. */
export function signalIn(exitCode: number): string | undefined {
  const names: Readonly<Record<number, string>> = {
    6: 'SIGABRT',
    9: 'SIGKILL',
    11: 'SIGSEGV',
    15: 'SIGTERM',
    24: 'SIGXCPU',
    25: 'SIGXFSZ',
    31: 'SIGSYS',
  }
  return exitCode > 128 ? names[exitCode - 128] : undefined
}

function defaultEnvironment({ temporary }: SandboxLimits): Readonly<Record<string, string>> {
  const home = temporary === 0 ? '/' : SANDBOX_HOME
  return { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: home, LANG: 'C.UTF-8', TMPDIR: '/tmp' }
}

export function syntheticFiles(identity: SandboxIdentity | undefined) {
  const uid = identity?.uid ?? process.getuid?.() ?? 0
  const gid = identity?.gid ?? process.getgid?.() ?? 0
  return {
    passwd: `tool:x:${uid}:${gid}::${SANDBOX_HOME}:/usr/sbin/nologin\n`,
    hosts: '127.0.0.1 localhost\n::1 localhost\n',
    nsswitch: 'passwd: files\ngroup: files\nhosts: files\n',
  }
}

export function give(child: ChildProcess, descriptor: number, bytes: Uint8Array): void {
  const stream = (child.stdio as readonly unknown[])[descriptor] as Writable
  // It may refuse before it has read everything; the supervision tells.
  stream.on('error', () => undefined)
  stream.end(bytes)
}

/** The declared type of `stdio` ends after five entries. */
export function readableAt(child: ChildProcess, descriptor: number): Readable {
  return (child.stdio as readonly unknown[])[descriptor] as Readable
}
