import { isJanusError } from '@janus/core'
import type { Actor } from '../contract/actor.js'
import type { Clock } from '../contract/clock.js'
import type { ProposalRecord, ProposalStatus } from '../contract/proposal.js'
import { agentError } from '../errors/agent-error.js'
import type { LocalAgent } from '../local/local-agent.js'
import { ENDS } from '../proposal/transition-table.js'
import { usesNetwork } from '../risk/uses-network.js'
import type { Execution, ToolExecutor } from './create-executor.js'

/** What a queue works with. */
export interface ExecutionQueueOptions {
  readonly agent: Pick<LocalAgent, 'record' | 'obstacleTo'>
  readonly executor: Pick<ToolExecutor, 'execute'>
  /** Who executes, on the record. */
  readonly by: Actor
  readonly clock: Clock
  /** Runs at a time at most; see {@link ExecutionQueue.setConcurrency}. */
  readonly concurrency: number
  /** Why nothing may be started; undefined when something may. Looked at before each start, and again by the executor in the turn of the start. */
  stopped(): string | undefined
  /** Told of every end. */
  onEnd?(execution: Execution): void
  /** Told of what could not be executed, and of what should not have happened. */
  onProblem?(proposal: string, problem: unknown): void
}

/** Executes what is approved, in the order in which it was approved, never more at a time than allowed. */
export interface ExecutionQueue {
  /** Proposals that run now. */
  readonly running: readonly string[]
  /** Approved proposals that wait. */
  readonly waiting: readonly string[]
  /** Changes how many may run at a time, from now on: what runs goes on, nothing more is started above it. 0 starts nothing. */
  setConcurrency(most: number): void
  /** Keeps what needs the network from being started, saying why; undefined lets it start again. */
  setNetworkBlocked(because: string | undefined): void
  /** Looks whether something may start: called by itself whenever something was approved or ended; to be called whenever the rules or the clock may let something start. */
  poke(): void
  /**
   * Resolves when the queue has executed a proposal, which may not even be approved yet. Rejects when it cannot be executed any more, with why; when the queue is stopped before, and when `signal` aborts.
   */
  whenEnded(proposal: string, signal?: AbortSignal): Promise<Execution>
  /** Ends one run. Returns false when it does not run. */
  cancel(proposal: string): boolean
  /** Resolves when nothing runs and nothing that may start waits. */
  idle(): Promise<void>
  /** Starts nothing more, ends what runs at once and waits until its end is recorded. Safe to call twice. */
  stop(): Promise<void>
}

/** What the record refused is not tried again before this time has passed, milliseconds; each time twice as long. */
const SHORTEST_PAUSE = 5_000
const LONGEST_PAUSE = 300_000

/** What is moved there is not executed any more, unless people decide anew. */
const ENDS_WAITING: ReadonlySet<ProposalStatus> = new Set([...ENDS, 'suspended'])

interface Run {
  readonly cancel: AbortController
  readonly ended: Promise<void>
}

interface Awaited {
  readonly proposal: string
  resolve(execution: Execution): void
  reject(problem: unknown): void
}

interface Refusal {
  readonly until: number
  readonly pause: number
}

/** Starts to work at once, until it is stopped. */
export function createExecutionQueue(options: ExecutionQueueOptions): ExecutionQueue {
  const { agent, executor, by, clock, onEnd, onProblem } = options
  const { record } = agent
  const running = new Map<string, Run>()
  const refused = new Map<string, Refusal>()
  const idlers = new Set<() => void>()
  const awaited = new Set<Awaited>()
  let most = options.concurrency
  let networkBlocked: string | undefined
  let stopping = false
  let poked = false

  const waiting = (): readonly ProposalRecord[] =>
    [...record.state.open.values()]
      .filter(({ status, proposal: { id, content } }) => {
        return status === 'approved' && content.action.kind !== 'governance' && !running.has(id)
      })
      .sort((one, other) => (one.updatedAt < other.updatedAt ? -1 : one.updatedAt > other.updatedAt ? 1 : 0))

  const mayStart = ({ proposal: { id, content } }: ProposalRecord): boolean => {
    const { until = 0 } = refused.get(id) ?? {}
    if (clock.monotonic() < until) return false
    if (networkBlocked !== undefined && (usesNetwork(content.action) || usesNetwork(content.rollback))) return false
    // What the rules do not let run now is left alone: the attempt would be refused on the record, again and again.
    return agent.obstacleTo(id) === undefined
  }

  const execute = async (id: string, signal: AbortSignal): Promise<void> => {
    try {
      const execution = await executor.execute(id, by, { signal })
      refused.delete(id)
      for (const each of [...awaited]) if (each.proposal === id) each.resolve(execution)
      onEnd?.(execution)
    } catch (problem) {
      if (record.state.open.get(id)?.status === 'approved') {
        const pause = Math.min(LONGEST_PAUSE, 2 * (refused.get(id)?.pause ?? SHORTEST_PAUSE / 2))
        refused.set(id, { until: clock.monotonic() + pause, pause })
      } else for (const each of [...awaited]) if (each.proposal === id) each.reject(problem)
      if (!signal.aborted || isJanusError(problem)) onProblem?.(id, problem)
    }
  }

  const start = (id: string): void => {
    const cancel = new AbortController()
    const ended = execute(id, cancel.signal).finally(() => {
      running.delete(id)
      poke()
    })
    running.set(id, { cancel, ended })
  }

  const look = (): void => {
    poked = false
    for (const [id] of refused) if (record.state.open.get(id)?.status !== 'approved') refused.delete(id)
    for (const each of waiting()) {
      if (stopping || running.size >= most || options.stopped() !== undefined) break
      if (mayStart(each)) start(each.proposal.id)
    }
    if (running.size > 0) return
    for (const idler of idlers) idler()
    idlers.clear()
  }

  /** Not in the turn of whoever tells: it may be in the middle of a decision. */
  const poke = (): void => {
    if (poked) return
    poked = true
    setImmediate(look)
  }

  const unwatch = record.watch((event) => {
    if (event.type !== 'proposal-moved') return
    const { proposal, to, reason } = event.payload
    if (to === 'approved') poke()
    // Who executes tells of its own end.
    if (!ENDS_WAITING.has(to) || running.has(proposal)) return
    const gone = agentError(
      'JANUS_AGENT_TRANSITION_ILLEGAL',
      `${proposal} is ${to}: ${reason?.text ?? 'it was not executed'}`,
    )
    for (const each of [...awaited]) if (each.proposal === proposal) each.reject(gone)
  })
  poke()

  return {
    get running() {
      return [...running.keys()]
    },
    get waiting() {
      return waiting().map(({ proposal }) => proposal.id)
    },
    setConcurrency: (wanted) => {
      most = Math.max(0, Math.floor(wanted))
      poke()
    },
    setNetworkBlocked: (because) => {
      networkBlocked = because
      poke()
    },
    poke,
    whenEnded: (proposal, signal) =>
      new Promise((resolve, reject) => {
        const onAbort = (): void => settle(() => reject(signal?.reason))
        const settle = (how: () => void): void => {
          signal?.removeEventListener('abort', onAbort)
          awaited.delete(each)
          how()
        }
        const each: Awaited = {
          proposal,
          resolve: (execution) => settle(() => resolve(execution)),
          reject: (problem) => settle(() => reject(problem)),
        }
        awaited.add(each)
        signal?.addEventListener('abort', onAbort, { once: true })
        if (signal?.aborted === true) onAbort()
        else if (stopping) each.reject(wasStopped())
      }),
    cancel: (proposal) => {
      const run = running.get(proposal)
      run?.cancel.abort(new Error('the run was cancelled'))
      return run !== undefined
    },
    idle: () =>
      new Promise((resolve) => {
        idlers.add(resolve)
        poke()
      }),
    stop: async () => {
      stopping = true
      unwatch()
      const runs = [...running.values()]
      for (const { cancel } of runs) cancel.abort(new Error('the queue was stopped'))
      await Promise.all(runs.map(({ ended }) => ended))
      for (const each of [...awaited]) each.reject(wasStopped())
      for (const idler of idlers) idler()
      idlers.clear()
    },
  }
}

function wasStopped(): Error {
  return agentError('JANUS_AGENT_NOT_PERMITTED', 'nothing is executed any more: the queue was stopped')
}
