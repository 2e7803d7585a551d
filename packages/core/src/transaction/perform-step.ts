import type { PlannedChange } from '../contract/change.js'
import type { StepReport } from '../contract/transaction.js'
import { janusError } from '../errors/janus-error.js'
import { awaitConditions, describeCondition } from './conditions.js'
import { describeChange } from './describe-change.js'
import { findMismatch } from './host-matches.js'
import type { JournalPayloads } from './journal.js'
import { loadedKernelModules } from './kernel-modules.js'
import { readLeftOutputs } from './left-outputs.js'
import { orderDeadline } from './order-deadline.js'
import { orderFor } from './order-for.js'
import type { StepRecord } from './read-transactions.js'
import { reasonTaskIsGone } from './reason-task-is-gone.js'
import { saveReplaced } from './save-replaced.js'
import type { TransactionContext } from './transaction-context.js'

/**
 * Performs one step: compares what it expects, saves what it replaces, writes the intent durably, has the hand do it,
 * verifies it and records the result.
 * @param steps the step's record is put here with its intent, before anything is touched
 * @throws JANUS_PLAN_STALE, JANUS_STEP_FAILED, JANUS_STEP_TIMEOUT, JANUS_VERIFY_FAILED, JANUS_LEDGER_WRITE_FAILED
 */
export async function performStep(
  context: TransactionContext,
  step: number,
  change: PlannedChange,
  steps: Map<number, StepRecord>,
): Promise<StepReport> {
  const { id, journal, machine } = context
  const mismatch = await findMismatch(machine, change)
  const gone = mismatch === undefined ? undefined : reasonTaskIsGone(change, mismatch)
  if (mismatch !== undefined && gone === undefined) {
    const message = `step ${step + 1} (${describeChange(change)}) expects ${mismatch.path} to be ${mismatch.expected}, found ${mismatch.found}`
    throw janusError('JANUS_PLAN_STALE', message, { data: { step, ...mismatch } })
  }
  await saveReplaced(context, change)
  const order = await orderFor(change, context.saved)
  const hand = await context.hands.current()
  const modules = change.kind === 'load-kernel-module' ? { modules: await loadedKernelModules(machine.host) } : {}
  const record: StepRecord = { step, hand: hand.pid, ...modules }
  await journal.record('step-intent', { id, ...record })
  steps.set(step, record)
  context.emit('transaction:step-started', { transaction: id, step, phase: 'apply', change })

  /** Read once the command has ended and its effect was seen: what is found there later and differs is somebody else's. */
  const recordLeft = async (): Promise<Pick<JournalPayloads['step-result'], 'left'>> => {
    const left = await readLeftOutputs(machine.host, change)
    if (left.length === 0) return {}
    record.left = left
    return { left }
  }
  const finish = async (outcome: 'done' | 'skipped', reason?: string): Promise<StepReport> => {
    const left = gone === undefined ? await recordLeft() : {}
    record.outcome = outcome
    await journal.record('step-result', { id, step, outcome, ...(reason === undefined ? {} : { reason }), ...left })
    const report: StepReport = { step, phase: 'apply', change, outcome, ...(reason === undefined ? {} : { reason }) }
    context.emit('transaction:step', { transaction: id, ...report })
    return report
  }
  const fail = async (
    code: 'JANUS_STEP_FAILED' | 'JANUS_STEP_TIMEOUT' | 'JANUS_VERIFY_FAILED',
    reason: string,
  ): Promise<never> => {
    const outcome = code === 'JANUS_STEP_TIMEOUT' ? 'hung' : 'failed'
    const left = outcome === 'hung' ? {} : await recordLeft()
    record.outcome = outcome
    await journal.record('step-result', { id, step, outcome, reason, ...left })
    const reported = outcome === 'hung' ? 'in-progress-in-kernel' : 'failed'
    context.emit('transaction:step', { transaction: id, step, phase: 'apply', change, outcome: reported, reason })
    throw janusError(code, `step ${step + 1} (${describeChange(change)}) failed: ${reason}`, { data: { step, reason } })
  }

  if (gone !== undefined) return finish('skipped', gone)
  const deadline = orderDeadline(context.deadlines, change)
  const answer = await hand.perform(order, deadline)
  if (answer.outcome === 'hung') return fail('JANUS_STEP_TIMEOUT', `the kernel did not answer within ${deadline} ms`)
  if (answer.outcome === 'failed') {
    if (change.mayFail?.errors.includes(answer.errno) === true)
      return finish('skipped', `${answer.errno}: ${change.mayFail.because}`)
    return fail('JANUS_STEP_FAILED', `${answer.errno}: ${answer.message}`)
  }
  const [unmet] = await awaitConditions(machine, change.verify ?? [], change.verifyWithin ?? context.deadlines.verify)
  if (unmet !== undefined)
    return fail(
      'JANUS_VERIFY_FAILED',
      `afterwards ${describeCondition(unmet.condition)} should hold, found ${unmet.found}`,
    )
  return finish('done')
}
