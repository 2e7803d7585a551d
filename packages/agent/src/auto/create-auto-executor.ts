import { isJanusError } from '@janus/core'
import type { Actor } from '../contract/actor.js'
import type { ProposalRecord } from '../contract/proposal.js'
import type { ExecutionQueue } from '../executor/create-execution-queue.js'
import type { Execution } from '../executor/create-executor.js'
import type { LocalAgent } from '../local/local-agent.js'
import { createFailureAlerts, type FailureAlert, failurePause } from './failure-alert.js'
import { followPlaybooks, placeOf } from './playbook-steps.js'

/** What runs by itself works with. */
export interface AutoExecutorOptions {
  readonly agent: Pick<LocalAgent, 'record' | 'permission' | 'obstacleToRule' | 'approveByRule' | 'proposeStep'>
  /** Executes what is approved; see `createExecutionQueue`. */
  readonly queue: Pick<ExecutionQueue, 'whenEnded'>
  /** Name under which the rule approves, on the record: `auto_executor.auto_approval_source`. */
  readonly source: string
  /** Who proposes the steps of playbooks, on the record. */
  readonly by: Actor
  /** Why nothing may be started; undefined when something may. */
  stopped(): string | undefined
  /** Told when too many executions fail, and when they do no more. */
  onAlert?(alert: FailureAlert): void
  /** Told of what could not be approved or proposed. */
  onProblem?(subject: string, problem: unknown): void
}

/** Approves and has executed what may run without a person. */
export interface AutoExecutor {
  /**
   * Looks once, unless three executions failed within ten minutes: of what is proposed the oldest that a rule may approve is approved and executed, and no other; of a playbook, step after step as long as each completes. Does nothing
   * while an earlier look is still under way.
   * @returns what was executed; empty for nothing
   */
  poll(signal?: AbortSignal): Promise<readonly Execution[]>
  /** Ends looking after playbooks and failures. */
  close(): Promise<void>
}

/**
 * Makes what runs by itself: in beta and above what is listed and steps of signed playbooks, in omega what is novel too. Whether something may is asked when it is
 * selected, again when it is approved, and again when its warrant is used up, each time of the rules as they are then.
 */
export function createAutoExecutor(options: AutoExecutorOptions): AutoExecutor {
  const { agent, queue, source, stopped, onAlert, onProblem = () => undefined } = options
  const { record } = agent
  const steps = followPlaybooks(agent, options.by, onProblem)
  const alerts = createFailureAlerts(record.state.executions)
  let paused: string | undefined
  let polling = false
  let recording: Promise<unknown> = Promise.resolve()

  const raise = (alert: FailureAlert): void => {
    recording = record
      .commit(() => ({ events: [{ type: 'alert-raised', payload: alert }], answer: undefined }))
      .catch((problem: unknown) => onProblem(alert.event, problem))
    onAlert?.(alert)
  }

  const unwatch = record.watch((event) => {
    if (event.type !== 'execution-ended') return
    const alert = alerts.look(record.state.executions)
    if (alert !== undefined) raise(alert)
  })

  /** Told once, and once when it is over. */
  const isPaused = (): boolean => {
    const before = paused
    paused = failurePause(record.state.executions, record.clock.now())
    if ((before === undefined) !== (paused === undefined)) {
      const summary = paused ?? 'no three executions failed within the last ten minutes'
      raise({ event: 'auto_executor.paused', holds: paused !== undefined, summary })
    }
    return paused !== undefined
  }

  const oldest = (wanted: (each: ProposalRecord) => boolean): ProposalRecord | undefined =>
    [...record.state.open.values()].find(
      (each) => each.status === 'proposed' && wanted(each) && agent.obstacleToRule(each.proposal.id) === undefined,
    )

  const execute = async (
    { proposal: { id } }: ProposalRecord,
    signal?: AbortSignal,
  ): Promise<Execution | undefined> => {
    if (stopped() !== undefined || isAborted(signal)) return undefined
    // Asked before it is approved: the queue may be quick.
    const ended = queue.whenEnded(id, signal)
    ended.catch(() => undefined)
    try {
      await agent.approveByRule(id, source)
      return await ended
    } catch (problem) {
      if (!isJanusError(problem) && !isAborted(signal)) throw problem
      onProblem(id, problem)
      return undefined
    }
  }

  const look = async (signal?: AbortSignal): Promise<readonly Execution[]> => {
    const executed: Execution[] = []
    const { approveListed, runPlaybooks } = agent.permission()
    if ((!approveListed && !runPlaybooks) || isPaused()) return executed
    let next = oldest(() => true)
    while (next !== undefined) {
      const execution = await execute(next, signal)
      if (execution !== undefined) executed.push(execution)
      const place = placeOf(next)
      if (place === undefined || execution?.status !== 'completed' || isPaused()) break
      await steps.settled()
      next = oldest((each) => {
        const following = placeOf(each)
        return following?.playbook === place.playbook && following.step === place.step + 1
      })
    }
    return executed
  }

  return {
    poll: async (signal) => {
      if (polling) return []
      polling = true
      try {
        return await look(signal)
      } finally {
        polling = false
      }
    },
    close: async () => {
      unwatch()
      steps.close()
      await steps.settled()
      await recording
    },
  }
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}
