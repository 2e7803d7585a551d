import { setMaxListeners } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { janusError } from '@janus/core'
import { type PrepareSandbox, probeSandbox, type SandboxFacts } from '@janus/core/sandbox'
import type { NetworkRequest, RunEnd, RunSandbox, SandboxSelfTest, ToolRun } from '../contract/run.js'
import { describeEnd } from './describe-end.js'
import { enforcementReport } from './enforcement-report.js'
import { openRunCgroups } from './open-run-cgroups.js'
import { requireMainThread, requirePlainRun } from './require-plain-run.js'
import { bindsOf, type RunBinds, unreachableBinds } from './run-binds.js'
import type { RunCgroups } from './run-cgroups.js'
import { runInSlot } from './run-in-slot.js'
import { processLimits, storageOf } from './run-limits.js'
import { fillWorkspace, keepWorkspace } from './run-workspace.js'
import { createSandboxSlots, type SandboxSlot, type SandboxSlots } from './sandbox-slots.js'
import { runSelfTest } from './self-test.js'
import { findToolUsers, identitiesOf, type ToolUsers } from './tool-users.js'

/** A network that one run may use: the way out of its namespace, and what went through it. */
export interface RunNetwork {
  /** Connects the run, before its program is there. */
  readonly prepare: PrepareSandbox
  /** Variables that tell programs of it. */
  readonly environment: Readonly<Record<string, string>>
  requests(): readonly NetworkRequest[]
  close(): Promise<void>
}

/** How the sandbox of the agent is set up. */
export interface RunSandboxOptions {
  /** Absolute path of bubblewrap; see `sandboxPolicyOf`. */
  readonly program: string
  /** User whose numbers tools run as when the agent is root; see `sandboxPolicyOf`. */
  readonly user: string | undefined
  /** Absolute path of the directory of the workspaces; see `workspacesOf`. */
  readonly root: string
  /** Runs at a time at most; see `paceOf`. */
  readonly mostRuns: number
  /** Shown to every run besides /usr, read-only, and what every run may write; see `sandboxPolicyOf`. */
  readonly readOnlyPaths?: readonly string[]
  readonly writablePaths?: readonly string[]
  /** What no run is ever shown: neither it, nor what lies in it, nor what it lies in. */
  readonly hiddenPaths?: readonly string[]
  /** Opens the network of a run: `openRunNetwork`. Default: there is none, and a run that needs one is refused. */
  openNetwork?(domains: readonly string[], run: string): RunNetwork | Promise<RunNetwork>
  /** Default: those of the user, from /etc/subuid and /etc/subgid. */
  readonly toolUsers?: ToolUsers
  /** Default: `openRunCgroups`, what this machine has. */
  openCgroups?(): Promise<RunCgroups>
}

const KEPT_OUTPUT = 64 * 1024
const MOST_OUTPUT = 16 * 1024 * 1024
const GRACE = 2_000
const SECOND = 1000
const PRIVATE = 0o700

/** What is there once the sandbox was found to hold. */
interface Opened {
  readonly facts: SandboxFacts
  readonly slots: SandboxSlots
  readonly cgroups: RunCgroups
}

/**
 * Makes the sandbox that tools run in. Nothing is started before its self-test, and nothing runs before that has passed.
 * @example
 * const sandbox = createRunSandbox({ ...sandboxPolicyOf(settings, run), ...workspacesOf(settings), mostRuns: paceOf(settings).mostRuns })
 */
export function createRunSandbox(options: RunSandboxOptions): RunSandbox {
  const closing = new AbortController()
  setMaxListeners(0, closing.signal)
  const inUse = new Set<string>()
  const running = new Set<Promise<unknown>>()
  let opened: Promise<Opened> | undefined
  let tested: SandboxSelfTest | undefined

  const open = (): Promise<Opened> => {
    opened ??= openSandbox(options)
    opened.catch(() => {
      opened = undefined
    })
    return opened
  }

  const requireTested = (): void => {
    if (closing.signal.aborted) throw unavailable('the sandbox was closed', null)
    if (tested?.holds === true) return
    throw unavailable(tested?.because ?? 'the sandbox was not tried yet', tested?.remedy ?? null)
  }

  const runOnce = async (run: ToolRun): Promise<RunEnd> => {
    const { slots, cgroups } = await open()
    const { openNetwork } = options
    if (run.network.length > 0 && openNetwork === undefined) throw unavailable('there is no network for runs', null)
    const binds = await bindsOf(options, run)
    const signal = run.signal === undefined ? closing.signal : AbortSignal.any([closing.signal, run.signal])
    const network = run.network.length > 0 ? await openNetwork?.(run.network, run.id) : undefined
    try {
      const storage = storageOf(run.limits)
      const all = [...binds.readOnly, ...binds.writable]
      const slot = await slots.take({ storage, binds: all, unreachable: (who) => unreachableBinds(all, who) }, signal)
      try {
        return await runIn(slot, { options, cgroups, run, binds, network, signal })
      } finally {
        slot.giveBack()
      }
    } finally {
      await network?.close()
    }
  }

  return {
    async selfTest() {
      tested = await runSelfTest(open)
      return tested
    },
    async run(run) {
      requireMainThread()
      requirePlainRun(run)
      requireTested()
      if (inUse.has(run.id)) throw janusError('JANUS_USAGE', `the workspace ${run.id} is in use`)
      inUse.add(run.id)
      const work = runOnce(run)
      running.add(work)
      try {
        return await work
      } finally {
        running.delete(work)
        inUse.delete(run.id)
      }
    },
    async close() {
      closing.abort()
      await Promise.allSettled(running)
      const all = await opened?.catch(() => undefined)
      await all?.slots.close()
      await all?.cgroups.close()
    },
  }
}

async function openSandbox(options: RunSandboxOptions): Promise<Opened> {
  requireMainThread()
  const uid = process.geteuid?.() ?? 0
  const identities = uid === 0 ? identitiesOf(options.toolUsers ?? findToolUsers(options.user ?? ''), uid) : []
  const [first] = identities
  const facts = await probeSandbox({ program: options.program, ...(first === undefined ? {} : { identity: first }) })
  await mkdir(options.root, { recursive: true, mode: PRIVATE })
  const rooms =
    uid === 0 ? identities.slice(0, options.mostRuns) : Array.from({ length: options.mostRuns }, () => undefined)
  const cgroups = await (options.openCgroups ?? openRunCgroups)()
  return { facts, cgroups, slots: createSandboxSlots(facts, rooms, cgroups) }
}

interface RunParts {
  readonly options: RunSandboxOptions
  readonly cgroups: RunCgroups
  readonly run: ToolRun
  readonly binds: RunBinds
  readonly network: RunNetwork | undefined
  readonly signal: AbortSignal
}

async function runIn(slot: SandboxSlot, { options, cgroups, run, binds, network, signal }: RunParts): Promise<RunEnd> {
  const { prepared } = slot
  const mostOutput = run.mostOutput ?? MOST_OUTPUT
  const inside = `${prepared.directory}/workspace`
  const kept = join(options.root, run.id)
  await fillWorkspace(inside, kept, run.files ?? {}, prepared, run.limits.diskBytes)
  const end = await runInSlot(slot, {
    command: run.program,
    args: run.argv,
    environment: { ...run.environment, ...network?.environment },
    cwd: run.cwd ?? '/workspace',
    ...binds,
    sockets: network === undefined ? [] : ['inet', 'inet6'],
    boundsProcesses: cgroups.bounds.processes,
    processLimits: processLimits(run.limits, cgroups.bounds.memory),
    limits: run.limits,
    watch: {
      wall: run.limits.wallSeconds * SECOND,
      grace: run.grace ?? GRACE,
      cpu: run.limits.cpuSeconds * SECOND,
      keptOutput: run.keptOutput ?? KEPT_OUTPUT,
      mostOutput,
      input: run.input,
      signal,
    },
    prepare: network?.prepare,
    beforeStart: () => run.beforeStart?.(),
    onStarted: (processes) => run.onStarted?.(processes),
  })
  const { leftOut } = await keepWorkspace(inside, kept, run.limits.diskBytes)
  const described = describeEnd(end)
  return {
    ...described,
    summary:
      leftOut === 0
        ? described.summary
        : `${described.summary}; ${leftOut} entries of its workspace are no files, or too many, and were not kept`,
    stdout: end.stdout,
    stderr: end.stderr,
    durationMs: end.durationMs,
    cpuMs: end.usage.cpuMs,
    memoryPeakBytes: end.usage.memoryPeakBytes,
    enforced: enforcementReport({
      limits: run.limits,
      cgroups,
      uid: prepared.uid === process.geteuid?.() ? undefined : prepared.uid,
      mostOutput,
      network: run.network,
    }),
    network: network?.requests() ?? [],
    workspace: kept,
  }
}

function unavailable(message: string, remedy: string | null): Error {
  return janusError('JANUS_SANDBOX_UNAVAILABLE', message, remedy === null ? {} : { remedy })
}
