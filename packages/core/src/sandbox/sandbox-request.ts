import type { PrepareSandbox } from './prepare-launch.js'
import type { SocketFamily } from './seccomp-program.js'

/** A file or directory that a sandbox is shown. */
export interface SandboxBind {
  /** Absolute path on the host; links in it are followed first. */
  readonly source: string
  /** Absolute path inside. Default: the source without links. */
  readonly target?: string
}

/** Bounds of one run. Memory is bounded per process: the bound of the whole is `processes` times as much. */
export interface SandboxLimits {
  /** Milliseconds from the start to the end. Default 30 000. */
  readonly wall: number
  /** Milliseconds between SIGTERM and SIGKILL; 0 kills at once. Default 500. */
  readonly grace: number
  /** Bytes kept of stdout, and of stderr. Default 1 MiB. */
  readonly output: number
  /** Bytes of data of one process (`RLIMIT_DATA`). Default 512 MiB. */
  readonly memory: number
  /** Bytes of address space of one process (`RLIMIT_AS`), which also counts shared memory. Default: no bound. */
  readonly addressSpace: number | undefined
  /** Processes and threads together (`RLIMIT_NPROC`, counted inside). Default 64. */
  readonly processes: number
  /** Open descriptors of one process. Default 256. */
  readonly descriptors: number
  /** Bytes of one written file. Default 64 MiB. */
  readonly fileSize: number
  /** Seconds of processor time of one process. Default: twice the wall time. */
  readonly cpu: number | undefined
  /** Bytes of each of /tmp, /dev/shm and the home directory inside. Default 0: there are none. */
  readonly temporary: number
}

/** What is to run in a sandbox, and what it is shown. */
export interface SandboxRequest {
  /** Absolute path of the program inside. */
  readonly command: string
  readonly args: readonly string[]
  /** The whole environment. Default: PATH, HOME, LANG and TMPDIR of the sandbox. */
  readonly env?: Readonly<Record<string, string>>
  /** Working directory inside. Default: the workspace, or `/`. */
  readonly cwd?: string
  readonly input?: string | Uint8Array
  /** Shown read-only, besides /usr. */
  readonly readOnly?: readonly SandboxBind[]
  /**
   * Whether it is shown the machine it runs on, read-only: /sys, the files of /etc that say how the machine starts, and
   * that there are nodes for virtualisation in /dev, which cannot be opened. /proc is its own either way. Default false.
   */
  readonly machine?: boolean
  /** A directory of the host that may be written, at `/workspace`. As root it must belong to the user of the sandbox. */
  readonly workspace?: string
  /**
   * Families of sockets it may make; there is no network either way. Default: none. With any, its streams, which are sockets of the caller, can be asked
   * about the interfaces of the caller's network and be given an abstract name in it.
   */
  readonly sockets?: readonly SocketFamily[]
  /** Whether it may start processes. Default true. */
  readonly startsProcesses?: boolean
  /** Bytes taken from a descriptor of its own, number {@link CHANNEL_DESCRIPTOR} inside. Default: no such descriptor. */
  readonly channel?: number
  /** What happens when it writes more than is kept: drop the rest, or end it. Default `drop`. */
  readonly overflow?: 'drop' | 'end'
  readonly limits?: Partial<SandboxLimits>
  /**
   * Prepares the namespaces of the run from outside, before its program exists: `childPid` names a process that
   * waits in them, and in the user namespace that owns its network namespace. Within `limits.wall`; the signal is aborted when
   * the run is ended meanwhile. When it rejects, the run is killed, was never started, and rejects with the same.
   */
  readonly prepare?: PrepareSandbox
  readonly signal?: AbortSignal
}

/** What became of a run. */
export interface SandboxResult {
  /** True when the program really ran; a sandbox that could not be set up says why on `stderr`. */
  readonly started: boolean
  readonly exitCode: number | undefined
  readonly signal: string | undefined
  readonly stdout: string
  readonly stderr: string
  /** What came through the channel. */
  readonly channel: string
  readonly timedOut: boolean
  /** True when something that was written is not here. */
  readonly truncated: boolean
  /** True when it was ended because it wrote too much. */
  readonly overflowed: boolean
  readonly cancelled: boolean
  readonly durationMs: number
}

/** Number of the channel's descriptor inside a sandbox. */
export const CHANNEL_DESCRIPTOR = 9

const MEBIBYTE = 1024 * 1024

/** The limits of a request, each with its default. */
export function limitsOf(limits: Partial<SandboxLimits> = {}): SandboxLimits {
  return {
    wall: 30_000,
    grace: 500,
    output: MEBIBYTE,
    memory: 512 * MEBIBYTE,
    addressSpace: undefined,
    processes: 64,
    descriptors: 256,
    fileSize: 64 * MEBIBYTE,
    cpu: undefined,
    temporary: 0,
    ...limits,
  }
}
