import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { janusError } from '@janus/core'
import { type HeldLaunch, launchedChild, openOutputPairs } from '@janus/core/sandbox'
import type { Enforcement, RunEnd, RunSandbox, SandboxSelfTest, ToolRun } from '../contract/run.js'
import { describeEnd } from './describe-end.js'
import { identifyProcess } from './process-identity.js'
import { requireMainThread, requirePlainRun } from './require-plain-run.js'
import { NO_CGROUPS } from './run-cgroups.js'
import { isPlainRelative } from './run-workspace.js'
import { superviseRun } from './supervise-run.js'

/** How programs are run without a sandbox. */
export interface DevelopmentRunsOptions {
  /** `mayBeMissing` of `sandboxPolicyOf`: never true for what no person approved, nor for root. */
  readonly mayBeMissing: boolean
  /** Absolute path of the directory of the workspaces. */
  readonly root: string
}

const KEPT_OUTPUT = 64 * 1024
const MOST_OUTPUT = 16 * 1024 * 1024
const SECOND = 1000
const PRIVATE = 0o700
const WARNING = 'there is no sandbox: programs run as you, with everything that you may do'
const UNBOUND = ['memory-process', 'memory-tree', 'cpu', 'cpu-rate', 'processes', 'workspace-bytes', 'workspace-inodes']
const OPEN = ['network', 'system-calls', 'namespaces', 'user']

/**
 * Runs programs without any sandbox, for whoever develops on a machine that has none and says so (`sandbox.allow_unsandboxed_dev`): what a person has
 * approved, never what runs by itself, never as root. It is no fallback: somebody has to choose it in the place of `createRunSandbox`.
 * @throws JANUS_SANDBOX_UNAVAILABLE where it may not be chosen
 */
export function createDevelopmentRuns({ mayBeMissing, root }: DevelopmentRunsOptions): RunSandbox {
  if (!mayBeMissing || process.geteuid?.() === 0) {
    throw janusError('JANUS_SANDBOX_UNAVAILABLE', 'nothing runs without a sandbox here', {
      remedy: 'sandbox.allow_unsandboxed_dev permits it to an ordinary user, for what a person approved.',
    })
  }
  const closing = new AbortController()
  const running = new Set<Promise<unknown>>()
  return {
    selfTest: async () => selfTest(),
    async run(run) {
      requireMainThread()
      requirePlainRun(run)
      if (run.network.length > 0 || closing.signal.aborted)
        throw janusError('JANUS_SANDBOX_UNAVAILABLE', 'without a sandbox there is no network that is bounded')
      const work = runOpenly(run, join(root, run.id), closing.signal)
      running.add(work)
      try {
        return await work
      } finally {
        running.delete(work)
      }
    },
    async close() {
      closing.abort()
      await Promise.allSettled(running)
    },
  }
}

async function runOpenly(run: ToolRun, workspace: string, closing: AbortSignal): Promise<RunEnd> {
  mkdirSync(workspace, { recursive: true, mode: PRIVATE })
  for (const [name, content] of Object.entries(run.files ?? {})) {
    if (!isPlainRelative(name)) throw janusError('JANUS_USAGE', `${JSON.stringify(name)} is no path inside a workspace`)
    mkdirSync(dirname(join(workspace, name)), { recursive: true, mode: PRIVATE })
    await writeFile(join(workspace, name), content)
  }
  const outputs = await openOutputPairs()
  const [out, err] = [await outputs.make(), await outputs.make()]
  await outputs.close()
  try {
    run.beforeStart?.()
    const child = spawn(run.program, run.argv, {
      cwd: run.cwd ?? workspace,
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: workspace, LANG: 'C.UTF-8', ...run.environment },
      detached: true,
      stdio: ['pipe', out.end, err.end],
    })
    const failed = new Promise<Error>((resolve) => child.once('error', resolve))
    const leader = child.pid === undefined ? undefined : identifyProcess(child.pid)
    if (leader === undefined) return notStarted(run, await failed, workspace)
    run.onStarted?.({ ...leader, cgroup: undefined })
    for (const { end } of [out, err]) end.destroy()
    child.stdin.on('error', () => undefined).end(run.input)
    const launch: HeldLaunch = {
      program: launchedChild(child),
      status: {
        wasSetUp: () => false,
        childPid: () => undefined,
        announced: async () => undefined,
        exitCode: () => child.exitCode ?? signalStatus(child.signalCode),
      },
      release: () => undefined,
    }
    const cgroup = await NO_CGROUPS.open('none')
    const end = await superviseRun(
      launch,
      leader,
      cgroup,
      { stdout: out.reader, stderr: err.reader },
      {
        wall: run.limits.wallSeconds * SECOND,
        grace: 0,
        cpu: run.limits.cpuSeconds * SECOND,
        keptOutput: run.keptOutput ?? KEPT_OUTPUT,
        mostOutput: run.mostOutput ?? MOST_OUTPUT,
        input: run.input,
        signal: run.signal === undefined ? closing : AbortSignal.any([closing, run.signal]),
      },
    )
    return {
      ...describeEnd(end),
      ...common(workspace),
      stdout: end.stdout,
      stderr: end.stderr,
      durationMs: end.durationMs,
    }
  } finally {
    for (const { reader, end } of [out, err]) {
      end.destroy()
      reader.close()
    }
  }
}

function notStarted(run: ToolRun, error: Error, workspace: string): RunEnd {
  const nothing = { text: '', bytes: 0, sha256: EMPTY_SHA256, truncated: false }
  const summary = `${run.program} could not be executed: ${error.message}`
  return {
    ...common(workspace),
    ending: 'not-started',
    exitCode: undefined,
    signal: undefined,
    summary,
    stdout: nothing,
    stderr: nothing,
    durationMs: 0,
  }
}

function common(workspace: string) {
  return { cpuMs: undefined, memoryPeakBytes: undefined, enforced: enforced(), network: [], workspace }
}

/** Of no bytes at all. */
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

function signalStatus(signal: NodeJS.Signals | null): number | undefined {
  return signal === null ? undefined : 128 + constants.signals[signal]
}

function enforced(): readonly Enforcement[] {
  return [
    { dimension: 'wall', enforced: true, by: 'timer', bound: 'for the process group, not for who left it' },
    { dimension: 'output', enforced: true, by: 'timer', bound: 'both streams together' },
    ...[...UNBOUND, ...OPEN].map((dimension) => ({ dimension, enforced: false, by: 'none', bound: WARNING })),
  ]
}

function selfTest(): SandboxSelfTest {
  const remedy = 'Install bubblewrap, and let `janus doctor` say what else is missing.'
  return { holds: false, because: WARNING, remedy, probes: [], enforced: enforced(), kernel: '', bubblewrap: '' }
}
