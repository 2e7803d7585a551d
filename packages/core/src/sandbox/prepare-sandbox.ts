import { chownSync, closeSync, constants, mkdirSync, openSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { janusError } from '../errors/janus-error.js'
import { clearDirectories } from './clear-directories.js'
import type { Launch } from './current-launch.js'
import { LAUNCHER_FILES, launcherCommand, type SandboxStorage } from './launcher-command.js'
import type { OutputReader } from './output-reader.js'
import type { PipeReaders } from './pipe-readers.js'
import type { HeldLaunch } from './prepare-launch.js'
import { type SandboxTools, syntheticFiles } from './run-sandboxed.js'
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
import { type Launcher, startLauncher } from './start-launcher.js'
import type { SystemDirectory } from './system-directories.js'

/** What is known of a sandbox before its program is. */
export interface PreparationSettings {
  readonly storage: SandboxStorage
  /** Reads its output. */
  readonly readers: PipeReaders
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
  /** True when it is set up, and held half-way, before it is released. */
  readonly held: boolean
  /** All of its input. Default: none, and its end is reached at once. */
  readonly input?: string | Uint8Array | undefined
}

/** A sandbox that waits for a program: nothing that anybody left is in it. */
export interface PreparedSandbox {
  /** What waits to become the program's bubblewrap, on the host: every other process of it ends with that. Another one when it was renewed. */
  readonly pid: number
  /** Whom it will run as on the host. */
  readonly uid: number
  readonly gid: number
  /** What it will be able to write, through a descriptor of ours: `workspace`, `temporary`, `shared` and `home` lie in it. It is gone when this is closed and the sandbox has ended. */
  readonly directory: string
  /** False once it has ended, whoever ended it. */
  isThere(): boolean
  /** True when everything that is shown by these can be reached from it. */
  reaches(binds: readonly ResolvedBind[]): boolean
  /** Makes this program known, in this turn; it is not there before it was released: see `prepareLaunch`. Once until it is renewed. */
  launch(program: PreparedProgram): PreparedLaunch
  /**
   * Makes it ready for another program of the same user, when everything of the last one is gone: its processes, its files, what it wrote that nobody has read.
   * @returns false when it cannot be used again; it is to be closed then
   */
  renew(): Promise<boolean>
  /** Gives up what is left of it, and ends it. Safe to call twice. */
  close(): void
}

/** A program in it, and what it writes. */
export interface PreparedLaunch extends HeldLaunch {
  readonly stdout: OutputReader
  readonly stderr: OutputReader
}

/** Directories of the storage; each is shown at a place of its own. */
const STORAGE_DIRECTORIES = ['workspace', 'temporary', 'shared', 'home']
const PRIVATE = 0o700

/**
 * Prepares a sandbox for a program that is not known yet: its user, its own view of the mounts, and what it may write, bounded in bytes and inodes
 * (tmpfs(5)). It ends with this process, also by SIGKILL, and before anything was launched.
 * @throws JANUS_USAGE from a worker thread; JANUS_SANDBOX_UNAVAILABLE when it could not be prepared
 */
export async function prepareSandbox(tools: SandboxTools, settings: PreparationSettings): Promise<PreparedSandbox> {
  if (!isMainThread) {
    throw janusError('JANUS_USAGE', 'a sandbox is started from the main thread only: it would end with its thread')
  }
  const identity = sandboxIdentity(tools.identity)
  const uid = identity?.uid ?? process.getuid?.() ?? 0
  const gid = identity?.gid ?? process.getgid?.() ?? 0
  const { system, readers } = settings
  const command = await launcherCommand({
    storage: settings.storage,
    binds: settings.staged ?? [],
    cgroups: settings.cgroups ?? [],
    identity,
  })
  const { insideUid } = command
  const files = syntheticFiles(identity ?? { uid: insideUid, gid: insideUid })
  const launcher = await startLauncher(command)
  const storage = openStorage(launcher, command.storage)
  const directory = `/proc/self/fd/${storage}`
  const makeDirectories = (): void => {
    for (const name of STORAGE_DIRECTORIES) {
      mkdirSync(`${directory}/${name}`, { mode: PRIVATE })
      if (process.geteuid?.() === 0) chownSync(`${directory}/${name}`, uid, gid)
    }
  }
  const openOutput = (): Pick<PreparedLaunch, 'stdout' | 'stderr'> => {
    const stdout = readers.open(`${launcher.directory}/${LAUNCHER_FILES.output}`)
    const stderr = readers.open(`${launcher.directory}/${LAUNCHER_FILES.errors}`)
    for (const reader of [stdout, stderr]) reader.unref()
    return { stdout, stderr }
  }
  let output: ReturnType<typeof openOutput>
  try {
    makeDirectories()
    launcher.write(LAUNCHER_FILES.hosts, files.hosts)
    launcher.write(LAUNCHER_FILES.nsswitch, files.nsswitch)
    launcher.write(LAUNCHER_FILES.users, files.passwd)
    output = openOutput()
  } catch (cause) {
    closeSync(storage)
    launcher.close()
    throw unreachable(cause)
  }
  // What only waits keeps nobody from ending.
  launcher.unref()
  let filter = ''
  let launched = false
  let open = true

  const writeFiles = (program: PreparedProgram): void => {
    const limits = limitsOf(program.limits)
    const { options, command: line } = sandboxArguments({
      ...program,
      cwd: program.cwd ?? SANDBOX_WORKSPACE,
      system,
      readOnly: program.readOnly.map(command.locate),
      writable: program.writable.map(command.locate),
      workspace: { source: `${command.storage}/workspace`, target: SANDBOX_WORKSPACE },
      storage: command.storage,
      insideUid: identity === undefined ? insideUid : undefined,
      limits,
      prlimit: tools.prlimit,
      // A zombie that nobody has reaped yet would count among the processes of the next run of the same user.
      limited:
        identity === undefined || program.boundsProcesses || !Number.isFinite(limits.processes)
          ? []
          : [`--nproc=${limits.processes}`],
    })
    const words = [tools.program, '--args', String(SANDBOX_DESCRIPTORS.arguments), ...line]
    launcher.write(LAUNCHER_FILES.options, nulTerminated(options))
    launcher.write(
      LAUNCHER_FILES.words,
      nulTerminated([...ulimitArguments(limits, identity === undefined), '--', ...words, 'launch']),
    )
    const wanted = program.sockets.join(' ')
    if (filter === `${wanted}.`) return
    launcher.write(
      LAUNCHER_FILES.filter,
      seccompProgram(tools.architecture, { sockets: program.sockets, processes: true }),
    )
    filter = `${wanted}.`
  }

  return {
    get pid() {
      return launcher.waiting()
    },
    uid,
    gid,
    directory,
    isThere: () => launcher.isThere(),
    reaches: (binds) => binds.every((bind) => command.reaches(bind)),
    launch(program) {
      if (launched) throw janusError('JANUS_USAGE', 'a prepared sandbox runs one program')
      launched = true
      launcher.ref()
      for (const reader of [output.stdout, output.stderr]) reader.ref()
      writeFiles(program)
      const launch = launcher.launch(program.input)
      const release = program.held ? goHeld(launch, files.passwd) : () => launch.go(LAUNCHER_FILES.users)
      return { program: launch.program, status: launch.status, release, ...output }
    },
    async renew() {
      if (!open || !launched) return false
      try {
        if (!(await launcher.renew())) return false
        for (const reader of [output.stdout, output.stderr]) reader.close()
        if (!clearDirectories(directory, STORAGE_DIRECTORIES)) return false
        makeDirectories()
        // Arguments and variables of the last program.
        for (const name of [LAUNCHER_FILES.words, LAUNCHER_FILES.options]) launcher.write(name, '')
        output = openOutput()
      } catch {
        return false
      }
      launcher.unref()
      launched = false
      return true
    },
    close() {
      if (!open) return
      open = false
      launcher.close()
      closeSync(storage)
      for (const reader of [output.stdout, output.stderr]) reader.close()
    },
  }
}

/** It goes as far as the file of users, and on when that is there. */
function goHeld(launch: Launch, users: string): () => void {
  const write = launch.hold()
  launch.go(LAUNCHER_FILES.held)
  return () => write(users)
}

/** The tmpfs stays as long as somebody has it open, whatever becomes of the mount namespace. */
function openStorage(launcher: Launcher, path: string): number {
  try {
    const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants
    return openSync(`/proc/${launcher.pid}/root${path}`, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  } catch (cause) {
    launcher.close()
    throw unreachable(cause)
  }
}

function unreachable(cause: unknown): Error {
  return janusError('JANUS_SANDBOX_UNAVAILABLE', 'what a sandbox may write could not be reached from outside', {
    cause,
  })
}

function nulTerminated(words: readonly string[]): Buffer {
  return Buffer.from(words.map((word) => `${word}\0`).join(''))
}
