import type { ChildProcess } from 'node:child_process'
import { chownSync, closeSync, constants, mkdirSync, openSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { isMainThread } from 'node:worker_threads'
import { janusError } from '../errors/janus-error.js'
import { holdMounts } from './hold-mounts.js'
import type { OutputPairs, OutputReader } from './output-reader.js'
import { type ParkedLaunch, parkedLaunch, type SandboxStorage, STORAGE_DIRECTORIES } from './parked-launch.js'
import type { HeldLaunch } from './prepare-launch.js'
import { sandboxFailure } from './probe-sandbox.js'
import { programOf, readStatus } from './read-status.js'
import { give, readableAt, type SandboxTools, spawnMasked, syntheticFiles } from './run-sandboxed.js'
import {
  type ResolvedBind,
  SANDBOX_DESCRIPTORS,
  SANDBOX_WORKSPACE,
  sandboxArguments,
  ulimitArguments,
} from './sandbox-arguments.js'
import { sandboxIdentity } from './sandbox-identity.js'
import { limitsOf, type SandboxLimits } from './sandbox-request.js'
import { type SocketFamily, seccompProgram } from './seccomp-program.js'
import type { SystemDirectory } from './system-directories.js'

/** What is known of a sandbox before its program is. */
export interface PreparationSettings {
  readonly storage: SandboxStorage
  /** Makes the ends of its output. */
  readonly outputs: OutputPairs
  /** Directories of the operating system that it is shown: see `systemDirectories`. */
  readonly system: readonly SystemDirectory[]
  /** What will be shown that the user of the sandbox cannot reach by its path: see `stagedBinds`. Default: nothing. */
  readonly staged?: readonly ResolvedBind[]
  /** Files that its first process writes 0 into before anything else, to enter a cgroup (cgroups(7)): `tasks`, `cgroup.procs`. Default: none. */
  readonly cgroups?: readonly string[]
}

/** A program for a prepared sandbox. Its binds are resolved: see `resolveBinds`. */
export interface PreparedProgram {
  /** Absolute path inside. */
  readonly command: string
  readonly args: readonly string[]
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>
  /** Working directory inside. Default `/workspace`. */
  readonly cwd?: string
  readonly readOnly: readonly ResolvedBind[]
  readonly writable: readonly ResolvedBind[]
  readonly sockets: readonly SocketFamily[]
  readonly limits: Partial<SandboxLimits>
  /** True where something else bounds the processes of all together. */
  readonly boundsProcesses: boolean
  /** True when it is not released in the turn in which it is launched. */
  readonly held: boolean
}

/** A sandbox that waits for its program: nothing of anybody's has run in it yet. */
export interface PreparedSandbox {
  /** Its first process on the host, with which every other one ends (pid_namespaces(7)). */
  readonly pid: number
  /** Whom it will run as on the host. */
  readonly uid: number
  readonly gid: number
  /** What it will be able to write, through a descriptor of ours: `workspace`, `temporary`, `shared` and `home` lie in it. It is gone when this is closed and the sandbox has ended. */
  readonly directory: string
  /** True when everything that is shown by these can be reached from it. */
  reaches(binds: readonly ResolvedBind[]): boolean
  /** Starts bubblewrap with this program, in this turn; the program is not there before it was released: see `prepareLaunch`. Once. */
  launch(program: PreparedProgram): HeldLaunch
  /** What it writes. */
  readonly stdout: OutputReader
  readonly stderr: OutputReader
  /** Gives up the descriptor, and ends what was not launched. Safe to call twice. */
  close(): void
}

const PARKING_DEADLINE = 20_000
const DRAIN = 300
const PRIVATE = 0o700

/**
 * Prepares a sandbox for a program that is not known yet: its user, its own view of the mounts, and what it may write, bounded in bytes and inodes
 * (tmpfs(5)). It ends with this process, also by SIGKILL, and before it was launched.
 * @throws JANUS_USAGE from a worker thread; JANUS_SANDBOX_UNAVAILABLE when it could not be prepared
 */
export async function prepareSandbox(tools: SandboxTools, settings: PreparationSettings): Promise<PreparedSandbox> {
  if (!isMainThread) {
    throw janusError('JANUS_USAGE', 'a sandbox is started from the main thread only: it would end with its thread')
  }
  const identity = sandboxIdentity(tools.identity)
  const uid = identity?.uid ?? process.getuid?.() ?? 0
  const gid = identity?.gid ?? process.getgid?.() ?? 0
  const { system } = settings
  const launch = await parkedLaunch({
    storage: settings.storage,
    binds: settings.staged ?? [],
    cgroups: settings.cgroups ?? [],
    identity,
  })
  const { child, stdout, stderr } = await spawnParked(launch, settings.outputs)
  const stream = readableAt(child, SANDBOX_DESCRIPTORS.status)
  let pid = 0
  // Bubblewrap gives the number that its first process has in a namespace that is not ours.
  const status = readStatus(stream, () => programOf(pid))
  await parked(child, stream, stderr)
  pid = programOf(child.pid ?? 0) ?? pid
  const storage = openStorage(pid, launch.stage, { uid, gid }, child)
  const releaseMounts = holdMounts(pid)
  const hold = (isHeld: boolean): void => {
    const verb = isHeld ? 'ref' : 'unref'
    for (const holder of [child, stdout, stderr]) holder[verb]()
    for (const pipe of child.stdio as readonly ({ ref?(): void; unref?(): void } | null)[]) pipe?.[verb]?.()
  }
  let launched = false
  let open = true
  // What only waits keeps nobody from ending.
  hold(false)
  return {
    pid,
    uid,
    gid,
    directory: `/proc/self/fd/${storage}`,
    stdout,
    stderr,
    reaches: (binds) => binds.every((bind) => launch.reaches(bind)),
    launch(program) {
      if (launched) throw janusError('JANUS_USAGE', 'a prepared sandbox runs one program')
      launched = true
      hold(true)
      const limits = limitsOf(program.limits)
      const files = syntheticFiles(identity === undefined ? { uid: launch.insideUid, gid: launch.insideUid } : identity)
      const { options, command } = sandboxArguments({
        ...program,
        cwd: program.cwd ?? SANDBOX_WORKSPACE,
        system,
        readOnly: program.readOnly.map(launch.locate),
        writable: program.writable.map(launch.locate),
        workspace: { source: `${launch.stage}/workspace`, target: SANDBOX_WORKSPACE },
        storage: launch.stage,
        insideUid: identity === undefined ? launch.insideUid : undefined,
        limits,
        prlimit: tools.prlimit,
        // A zombie that nobody has reaped yet would count among the processes of the next run of the same user.
        limited:
          identity === undefined || program.boundsProcesses || !Number.isFinite(limits.processes)
            ? []
            : [`--nproc=${limits.processes}`],
      })
      give(child, SANDBOX_DESCRIPTORS.arguments, nulTerminated(options))
      give(
        child,
        SANDBOX_DESCRIPTORS.seccomp,
        seccompProgram(tools.architecture, { sockets: program.sockets, processes: true }),
      )
      give(child, SANDBOX_DESCRIPTORS.hosts, Buffer.from(files.hosts))
      give(child, SANDBOX_DESCRIPTORS.nsswitch, Buffer.from(files.nsswitch))
      const words = [tools.program, '--args', String(SANDBOX_DESCRIPTORS.arguments), ...command]
      give(
        child,
        SANDBOX_DESCRIPTORS.launch,
        nulTerminated([...ulimitArguments(limits, identity === undefined), '--', ...words, 'launch']),
      )
      return {
        child,
        status,
        release: () => give(child, SANDBOX_DESCRIPTORS.passwd, Buffer.from(files.passwd)),
      }
    },
    close() {
      if (!open) return
      open = false
      closeSync(storage)
      releaseMounts()
      if (!launched) discard(child)
      for (const reader of [stdout, stderr]) reader.close()
    },
  }
}

async function spawnParked({ command, args }: ParkedLaunch, outputs: OutputPairs) {
  const [out, err] = [await outputs.make(), await outputs.make()]
  const output = [out.end, err.end] as const
  try {
    const child = await spawnMasked(command, args, { channel: false, parked: output, identity: undefined })
    return { child, stdout: out.reader, stderr: err.reader }
  } catch (error) {
    for (const { reader } of [out, err]) reader.close()
    throw error
  } finally {
    for (const end of output) end.destroy()
  }
}

async function parked(child: ChildProcess, status: NodeJS.ReadableStream, stderr: OutputReader): Promise<void> {
  const timeout = new AbortController()
  const ready = await Promise.race([
    new Promise<boolean>((resolve) => {
      status.once('data', () => resolve(true))
      child.once('exit', () => resolve(false))
    }),
    delay(PARKING_DEADLINE, false, { signal: timeout.signal, ref: false }).catch(() => false),
  ])
  timeout.abort()
  if (ready) return
  const timedOut = child.exitCode === null
  discard(child)
  await Promise.race([stderr.ended, delay(DRAIN, undefined, { ref: false })])
  stderr.close()
  throw sandboxFailure({ stderr: stderr.early(), timedOut })
}

/** The tmpfs stays as long as somebody has it open, whatever becomes of the mount namespace. */
function openStorage(
  pid: number,
  stage: string,
  { uid, gid }: { readonly uid: number; readonly gid: number },
  child: ChildProcess,
): number {
  try {
    const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants
    const descriptor = openSync(`/proc/${pid}/root${stage}`, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    for (const name of STORAGE_DIRECTORIES) {
      const path = `/proc/self/fd/${descriptor}/${name}`
      mkdirSync(path, { mode: PRIVATE })
      if (process.geteuid?.() === 0) chownSync(path, uid, gid)
    }
    return descriptor
  } catch (cause) {
    discard(child)
    throw janusError('JANUS_SANDBOX_UNAVAILABLE', 'what a sandbox may write could not be reached from outside', {
      cause,
    })
  }
}

/** Killed only while it is ours to reap: its number is nobody else's as long as that. */
function discard(child: ChildProcess): void {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  for (const stream of child.stdio) stream?.destroy()
}

function nulTerminated(words: readonly string[]): Buffer {
  return Buffer.from(words.map((word) => `${word}\0`).join(''))
}
