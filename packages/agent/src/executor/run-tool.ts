import { isJanusError } from '@janus/core'
import type { ExecutionResult } from '../contract/execution.js'
import type { RunEnd, ToolRun } from '../contract/run.js'
import type { ResolvedTool } from '../contract/warrant.js'
import type { DigestCache } from '../warrant/resolve-binary.js'
import { endWithoutRun, runResult } from './execution-result.js'
import type { ExecutorOptions } from './executor-options.js'
import { judgeRun } from './judge-run.js'
import { type PinnedProgram, pinProgram } from './pinned-program.js'
import { toolRun } from './tool-run.js'

/** A run of a tool that was approved. */
export interface ApprovedRun {
  readonly proposal: string
  readonly resolved: ResolvedTool
  /** What its author expects of it. */
  readonly expected: string
  readonly signal?: AbortSignal | undefined
  readonly digests: DigestCache
  /** Why it may not be started any more, asked in the turn of the start. Left out: nothing but a stop keeps it, as a rollback. */
  obstacle?(): string | undefined
}

/** What became of it. */
export interface EndedRun {
  /** False when nothing was started: then there is nothing to undo. */
  readonly started: boolean
  readonly result: ExecutionResult
}

/** Runs exactly what a warrant says. How it ended, a failure of ours included, is a result. */
export async function runTool(options: ExecutorOptions, run: ApprovedRun): Promise<EndedRun> {
  const { resolved, digests } = run
  const { argv } = resolved
  let pinned: PinnedProgram
  try {
    pinned = await pinProgram(resolved.binary, digests)
  } catch (error) {
    return notStarted('failed', { code: 'PROGRAM_REPLACED', summary: messageOf(error), argv })
  }
  const start = startOf(options, run, pinned)
  const begun = options.clock.monotonic()
  try {
    const wanted = { ...toolRun(options, run), ...start.hooks }
    const end = await options.sandbox.run(wanted)
    const { started } = start
    return {
      started: started && end.ending !== 'not-started',
      result: resultOf(options, { ...run, started }, pinned, wanted, end),
    }
  } catch (error) {
    const seconds = (options.clock.monotonic() - begun) / 1000
    const summary = messageOf(error)
    if (start.refused !== undefined) return notStarted(start.refused.outcome, { ...start.refused, argv, seconds })
    // Whoever guards the sandbox may have been asked before us.
    const stopped = start.started ? undefined : options.stopped()
    if (stopped !== undefined) return notStarted('suspended', { code: 'STOPPED', summary: stopped, argv, seconds })
    if (!start.started) return notStarted('failed', { code: 'NOT_STARTED', summary, argv, seconds })
    return { started: true, result: endWithoutRun('unknown', { code: 'NOT_SEEN', summary, argv, seconds }) }
  }
}

interface Start {
  started: boolean
  refused: { readonly outcome: 'failed' | 'suspended'; readonly code: string; readonly summary: string } | undefined
  readonly hooks: Pick<ToolRun, 'beforeStart' | 'onStarted'>
}

/** What is looked at last of all, and who is told of what was started. */
function startOf(
  options: ExecutorOptions,
  { proposal, resolved, obstacle }: ApprovedRun,
  pinned: PinnedProgram,
): Start {
  const refuse = (outcome: 'failed' | 'suspended', code: string, summary: string): never => {
    start.refused = { outcome, code, summary }
    throw new Error(summary)
  }
  const beforeStart = (): void => {
    try {
      pinned.requireSame()
    } catch (error) {
      refuse('failed', 'PROGRAM_REPLACED', messageOf(error))
    }
    const blocked = resolved.network.length === 0 ? undefined : options.networkBlocked?.()
    if (blocked !== undefined) refuse('suspended', 'NETWORK_BLOCKED', blocked)
    const stopped = options.stopped()
    if (stopped !== undefined) refuse('suspended', 'STOPPED', stopped)
    const obstructed = obstacle?.()
    if (obstructed !== undefined) refuse('suspended', 'NOT_PERMITTED', obstructed)
  }
  const start: Start = {
    started: false,
    refused: undefined,
    hooks: {
      beforeStart,
      onStarted: (processes) => {
        start.started = true
        options.onStarted?.(proposal, processes)
      },
    },
  }
  return start
}

function resultOf(
  { tools }: ExecutorOptions,
  { resolved, expected, started }: ApprovedRun & { readonly started: boolean },
  pinned: PinnedProgram,
  { environment }: ToolRun,
  end: RunEnd,
): ExecutionResult {
  const judged = judgeRun(end, {
    expected,
    started,
    manifest: tools.manifest(resolved.tool),
    network: resolved.network.length > 0,
    judge: (stdout) => tools.judge?.(resolved.tool, stdout) ?? { warnings: [] },
  })
  try {
    pinned.requireSame()
    return runResult(resolved, end, judged, environment)
  } catch (error) {
    const summary = `${messageOf(error)}; what ran may have been another program`
    return runResult(resolved, end, { ...judged, outcome: 'unknown', code: 'PROGRAM_REPLACED', summary }, environment)
  }
}

function notStarted(...ended: Parameters<typeof endWithoutRun>): EndedRun {
  return { started: false, result: endWithoutRun(...ended) }
}

function messageOf(error: unknown): string {
  if (isJanusError(error)) return `${error.message} (${error.code})`
  return error instanceof Error ? error.message : String(error)
}
