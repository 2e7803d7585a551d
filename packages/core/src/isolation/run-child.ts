import { spawn } from 'node:child_process'
import { access, constants, realpath } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { janusError } from '../errors/janus-error.js'
import {
  CHANNEL_DESCRIPTOR,
  limitArguments,
  limitsOf,
  type Sandbox,
  type SandboxBind,
  type SandboxIdentity,
  type SandboxLimits,
  type SupervisedEnd,
  superviseChild,
} from '../sandbox/index.js'

/** Bounds of one question to a module. */
export interface ModuleLimits {
  /** Milliseconds from the start of the child to its answer. Default 30 000. */
  readonly deadline: number
  /** Bytes of one answer. Default 8 MiB. */
  readonly answer: number
  /** Bytes of what it may print on stdout, and on stderr. Default 1 MiB. */
  readonly output: number
  /** Bytes of memory. Default 512 MiB. */
  readonly memory: number
}

/** One child that is asked one question. */
export interface ChildRun {
  /** The request, as JSON. */
  readonly input: string
  /** Packages that it needs to see. */
  readonly visible: readonly SandboxBind[]
  /** Options of Node besides those of the limits: how it finds packages. */
  readonly nodeArguments: readonly string[]
  /** Whether it must be able to run WebAssembly, for which V8 reserves more address space than there is memory. */
  readonly webAssembly: boolean
  readonly limits: ModuleLimits
  readonly signal: AbortSignal | undefined
}

const MEBIBYTE = 1024 * 1024
/** What V8 reserves and the libraries of Node map, beyond the data. */
const ADDRESS_SPACE = 4_096 * MEBIBYTE
/** Node has a dozen threads of its own. */
const THREADS = 64
const PRLIMIT = '/usr/bin/prlimit'

/**
 * Runs the child in the sandbox: it may not write anywhere, start processes, open sockets or load native code.
 * @throws JANUS_SANDBOX_UNAVAILABLE, JANUS_SANDBOX_BIND_REFUSED
 */
export async function runInSandbox(sandbox: Sandbox, run: ChildRun): Promise<SupervisedEnd> {
  const node = await realpath(process.execPath)
  return sandbox.run({
    command: node,
    args: nodeArguments(run),
    env: {},
    input: run.input,
    readOnly: [...run.visible, { source: node }],
    startsProcesses: false,
    channel: run.limits.answer,
    overflow: 'end',
    limits: { ...childLimits(run.limits), addressSpace: run.webAssembly ? undefined : ADDRESS_SPACE },
    ...(run.signal === undefined ? {} : { signal: run.signal }),
  })
}

/**
 * Runs the child as a plain process: it contains crashes and holds limits, and has all the rights of the caller.
 * @param identity user and group that root becomes for it
 * @throws JANUS_EXECUTOR_SPAWN_FAILED
 */
export async function runAsSubprocess(run: ChildRun, identity?: SandboxIdentity): Promise<SupervisedEnd> {
  const limits = childLimits(run.limits)
  const node = [process.execPath, ...nodeArguments(run)]
  const isLimited = await access(PRLIMIT, constants.X_OK).then(
    () => true,
    () => false,
  )
  const [command = '', ...args] = isLimited ? [PRLIMIT, ...withoutCount(limitArguments(limits)), '--', ...node] : node
  const child = spawn(command, args, {
    cwd: '/',
    env: {},
    detached: true,
    stdio: Array.from({ length: CHANNEL_DESCRIPTOR + 1 }, (_, index) =>
      index < 3 || index === CHANNEL_DESCRIPTOR ? 'pipe' : 'ignore',
    ),
    ...identity,
  })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  }).catch((cause: unknown) => {
    throw janusError('JANUS_EXECUTOR_SPAWN_FAILED', `${command} could not be started`, { cause })
  })
  const stream = (child.stdio as readonly unknown[])[CHANNEL_DESCRIPTOR] as Readable
  return superviseChild(child, {
    ...limits,
    overflow: 'end',
    input: run.input,
    channel: { stream, limit: run.limits.answer },
    signal: run.signal,
  })
}

/** Where core lies, whose child program and schemas a module needs. */
export function coreDirectory(): string {
  return dirname(createRequire(import.meta.url).resolve('@janus/core/package.json'))
}

/**
 * Makes sure that a child which does not answer is the module's fault and not ours.
 * @throws JANUS_INTERNAL when core was not built, or not installed whole
 */
export async function requireChildProgram(): Promise<void> {
  await access(childProgram()).catch((cause: unknown) => {
    throw janusError('JANUS_INTERNAL', `${childProgram()} is missing: core is not built`, { cause })
  })
}

function nodeArguments(run: ChildRun): readonly string[] {
  const heap = Math.floor((run.limits.memory * 3) / 4 / MEBIBYTE)
  return [
    `--max-old-space-size=${heap}`,
    '--no-addons',
    ...run.nodeArguments,
    childProgram(),
    String(CHANNEL_DESCRIPTOR),
  ]
}

function childProgram(): string {
  return join(coreDirectory(), 'dist', 'module-child.js')
}

function childLimits({ deadline, output, memory }: ModuleLimits): SandboxLimits {
  return limitsOf({ wall: deadline, grace: 0, output, memory, processes: THREADS })
}

/** Outside of a user namespace of its own, the count would be that of all processes of the user. */
function withoutCount(args: readonly string[]): readonly string[] {
  return args.filter((argument) => !argument.startsWith('--nproc='))
}
