import { isJanusError } from '@janus/core'
import { moveProposal } from '../approval/move-proposal.js'
import type { Actor } from '../contract/actor.js'
import type { RunEnd } from '../contract/run.js'
import type { ResolvedPlan, ResolvedTool } from '../contract/warrant.js'
import { agentError } from '../errors/agent-error.js'
import type { LocalAgent } from '../local/local-agent.js'
import { findExecution, type PastExecution } from '../record/find-execution.js'
import { resolveBinary } from '../warrant/resolve-binary.js'
import { endLeftRuns } from './end-left-runs.js'
import type { ExecutorOptions } from './executor-options.js'
import { newestSince } from './run-plan.js'
import { toolRun } from './tool-run.js'

/** What looking after an execution showed, whose end nobody saw. */
export interface Reconciled {
  readonly proposal: string
  /** `undecided`: it stays unknown, for a person to look. */
  readonly outcome: 'completed' | 'failed' | 'undecided'
  readonly because: string
}

const BY: Actor = { kind: 'system', name: 'reconciliation' }
const PROBE_SECONDS = 30

/**
 * Looks after every execution whose end is unknown, by what only reads: the probe that the tool declares, in the sandbox and without a network; for a plan, the journal. What they
 * prove is recorded. Nothing is run again, and nothing is undone. What is left of such an execution is ended first, see `endLeftRuns`; while nothing may be run that is all. To be called
 * when the record was opened.
 * @param options as for `createExecutor`
 */
export async function reconcileUnknown(
  options: Pick<ExecutorOptions, 'sandbox' | 'tools' | 'plans' | 'stopped' | 'environment' | 'grace'> & {
    readonly agent: Pick<LocalAgent, 'record' | 'hasSameTool' | 'frozen' | 'permission'>
    readonly signal?: AbortSignal
  },
): Promise<readonly Reconciled[]> {
  const { record, frozen } = options.agent
  const mayLook = frozen === undefined && options.agent.permission().runApproved
  const unknown = [...record.state.open.values()].filter(({ status }) => status === 'unknown')
  const found: Reconciled[] = []
  for (const { proposal } of unknown) {
    if (options.stopped() !== undefined || options.signal?.aborted === true) break
    const past = await findExecution(record, proposal.id)
    if (past.warrant !== undefined) endLeftRuns(past.warrant)
    if (!mayLook) continue
    const reconciled = { proposal: proposal.id, ...(await look(options, past)) }
    found.push(reconciled)
    if (reconciled.outcome === 'undecided') continue
    await moveProposal(record, {
      proposal: proposal.id,
      to: reconciled.outcome,
      by: BY,
      reason: { text: reconciled.because },
    })
  }
  return found
}

type Looking = Parameters<typeof reconcileUnknown>[0]
type Look = Omit<Reconciled, 'proposal'>

async function look(options: Looking, past: PastExecution): Promise<Look> {
  // Whose rollback was begun is neither what it was nor what it was to be.
  if (past.rollback !== undefined) return undecided('its rollback was begun, and nobody saw how it ended')
  const action = past.warrant?.action
  try {
    if (action?.kind === 'module') return await lookIntoJournal(options, action, past)
    if (action?.kind === 'tool') return await probe(options, action, past)
  } catch (error) {
    if (isJanusError(error)) return undecided(`it could not be looked at: ${error.message}`)
    throw error
  }
  return undecided('nothing tells')
}

async function lookIntoJournal({ plans }: Looking, action: ResolvedPlan, { begunAt }: PastExecution): Promise<Look> {
  const history = await plans.history()
  const found = newestSince(history, action, begunAt)
  if (found === undefined) {
    // By a clock that was set back it may be the one.
    const before = history.findLast(({ planDigest }) => planDigest === action.planDigest)
    if (before !== undefined)
      return undecided(`the journal says of the plan only that ${before.id} is ${before.state}, which began before`)
    return { outcome: 'failed', because: 'the journal has no transaction of the plan: nothing was touched' }
  }
  switch (found.state) {
    case 'applied':
      return { outcome: 'completed', because: `the journal says that ${found.id} is applied and verified` }
    case 'undone':
      return { outcome: 'failed', because: `the journal says that ${found.id} is undone` }
    default:
      return undecided(`the journal says that ${found.id} is ${found.state}: run \`janus recover\``)
  }
}

/** The tool must still be the one that ran: another one's probe tells nothing of it. */
async function probe(options: Looking, action: ResolvedTool, past: PastExecution): Promise<Look> {
  const [program, ...first] = options.tools.manifest(action.tool)?.probe ?? []
  if (program === undefined) return undecided('its tool declares no probe')
  const own = past.record.proposal.content.action
  if (own.kind !== 'tool' || past.warrant === undefined) return undecided('nothing tells')
  if (!(await options.agent.hasSameTool(past.record, past.warrant))) return undecided('its tool is another one by now')
  const binary = await resolveBinary(program)
  const limits = { ...action.limits, wallSeconds: Math.min(PROBE_SECONDS, action.limits.wallSeconds) }
  const resolved: ResolvedTool = { ...action, binary, argv: [...first, ...own.args], limits, network: [] }
  const { signal } = options
  const end = await options.sandbox.run({
    ...toolRun(options, { resolved, signal }),
    beforeStart: () => {
      const stopped = options.stopped()
      if (stopped !== undefined) throw agentError('JANUS_AGENT_NOT_PERMITTED', stopped)
    },
  })
  return tellProbe(end)
}

function tellProbe({ ending, exitCode, summary }: RunEnd): Look {
  if (ending === 'exited' && exitCode === 0)
    return { outcome: 'completed', because: 'the probe of its tool says that it took effect' }
  if (ending === 'exited' && exitCode === 1)
    return { outcome: 'failed', because: 'the probe of its tool says that it had no effect' }
  return undecided(`the probe of its tool tells nothing: ${summary}`)
}

function undecided(because: string): Look {
  return { outcome: 'undecided', because }
}
