import type { SandboxBind } from '@janus/core/sandbox'
import type { ExecutionLimits } from './warrant.js'

/** One run of a program in the sandbox of tools, as a warrant permits it. */
export interface ToolRun {
  /** Names the workspace: `[a-z0-9-]{1,64}`, never used by two runs at a time. */
  readonly id: string
  /** Absolute path of the program on the host. */
  readonly program: string
  /** Everything behind its name, one argv element each. */
  readonly argv: readonly string[]
  /** Its whole environment besides PATH, HOME, LANG and TMPDIR of the sandbox. */
  readonly environment: Readonly<Record<string, string>>
  readonly input?: string | Uint8Array
  /** Working directory inside. Default `/workspace`. */
  readonly cwd?: string
  readonly limits: ExecutionLimits
  /** Domains it may reach, each `host` or `host:port`; empty: none at all. */
  readonly network: readonly string[]
  /** Shown besides /usr, read-only, and what may be written besides the workspace. */
  readonly readOnly?: readonly SandboxBind[]
  readonly writable?: readonly SandboxBind[]
  /** Files put into the workspace before it starts: relative path to content. */
  readonly files?: Readonly<Record<string, Uint8Array>>
  /** Bytes kept of each stream, half of them from its head and half from its end. Default 64 KiB. */
  readonly keptOutput?: number
  /** Bytes of both streams together after which it is ended. Default 16 MiB. */
  readonly mostOutput?: number
  /** Milliseconds between SIGTERM and SIGKILL. Default 2000. */
  readonly grace?: number
  readonly signal?: AbortSignal
  /** Called in the same turn, right before the process is started: when it throws, nothing is started and the run rejects with what was thrown. The stop flag is looked at here. */
  beforeStart?(): void
  /**
   * Called in the same turn in which the process was started, before it can do anything: whoever must be able to end it without this process is told here.
   * When it throws, the run is killed and rejects with what was thrown.
   */
  onStarted?(processes: RunProcesses): void
}

/** What a run consists of on the host: ending these ends every process of it. */
export interface RunProcesses {
  /** Leader of the process group, and its start time in clock ticks since boot (field 22 of /proc/PID/stat): a number alone may be another process by now. */
  readonly pid: number
  readonly startTime: string
  /** Directory of its cgroup, when it has one of its own. */
  readonly cgroup: string | undefined
}

/** How a run ended. `not-started`: the sandbox could not be set up or the program not be executed. */
export type RunEnding =
  | 'exited'
  | 'signalled'
  | 'timeout'
  | 'out-of-memory'
  | 'cpu-limit'
  | 'output-limit'
  | 'cancelled'
  | 'not-started'

/** One stream of a run: its head and its end. */
export interface KeptOutput {
  /** What was kept, decoded as UTF-8; where something was left out, a line says how much. Untrusted. */
  readonly text: string
  /** Bytes that were read of it, and SHA-256 over all of them. */
  readonly bytes: number
  readonly sha256: string
  readonly truncated: boolean
}

/** What bounds a dimension of a run, and how exactly. */
export interface Enforcement {
  /** `wall`, `cpu`, `cpu-rate`, `memory-process`, `memory-tree`, `processes`, `workspace-bytes`, `workspace-inodes`, `file-size`, `descriptors`, `output`, `network`, `system-calls`, `namespaces`, `user`. */
  readonly dimension: string
  readonly enforced: boolean
  /** `cgroup-v2`, `cgroup-v1`, `rlimit`, `tmpfs`, `timer`, `namespace`, `seccomp`, `proxy` … */
  readonly by: string
  /** In words, with the bound: `256 MiB for each process, not for all together`. */
  readonly bound: string
}

/** A request that a run made of the network, allowed or not. */
export interface NetworkRequest {
  /** Untrusted. */
  readonly host: string
  readonly port: number
  readonly allowed: boolean
  /** Why not, or where it went. */
  readonly because: string
  readonly bytesSent: number
  readonly bytesReceived: number
}

/** What became of a run. */
export interface RunEnd {
  readonly ending: RunEnding
  readonly exitCode: number | undefined
  readonly signal: string | undefined
  /** In words, for people: why it was ended, or why it did not start. */
  readonly summary: string
  readonly stdout: KeptOutput
  readonly stderr: KeptOutput
  readonly durationMs: number
  /** Of all its processes; undefined where nothing counted. */
  readonly cpuMs: number | undefined
  readonly memoryPeakBytes: number | undefined
  readonly enforced: readonly Enforcement[]
  readonly network: readonly NetworkRequest[]
  /** Host path of what it left; kept until it is removed by retention. */
  readonly workspace: string
}

/** The sandbox that tools are run in. */
export interface RunSandbox {
  /**
   * Tries it with real probes; see `selfTest` of the agent's sandbox. Without one that passed, `run` refuses.
   * @throws JANUS_SANDBOX_UNAVAILABLE naming the cause
   */
  selfTest(): Promise<SandboxSelfTest>
  /**
   * Runs a program in it. How it ended, a failure of its own included, is a result.
   * @throws JANUS_SANDBOX_UNAVAILABLE when there is no sandbox that holds; JANUS_SANDBOX_BIND_REFUSED; JANUS_USAGE from a worker thread
   */
  run(run: ToolRun): Promise<RunEnd>
  /** Ends what runs and gives back what was prepared. Safe to call twice. */
  close(): Promise<void>
}

/** What trying the sandbox showed. */
export interface SandboxSelfTest {
  readonly holds: boolean
  /** Why not, as one sentence; null when it holds. */
  readonly because: string | null
  readonly remedy: string | null
  readonly probes: readonly { readonly probe: string; readonly holds: boolean; readonly found: string }[]
  readonly enforced: readonly Enforcement[]
  readonly kernel: string
  readonly bubblewrap: string
}
