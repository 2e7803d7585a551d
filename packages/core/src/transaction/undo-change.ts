import type { PlannedChange, UndoChange, UnloadKernelModule } from '../contract/change.js'
import type { HandAnswer, Machine } from '../contract/hand.js'
import type { Fact } from '../contract/plan.js'
import type { StepOutcome, StepReport } from '../contract/transaction.js'
import { isJanusError } from '../errors/janus-error.js'
import { awaitConditions, describeCondition, unmetConditions } from './conditions.js'
import { findOtherDevice } from './find-other-device.js'
import { findMismatch, isSatisfied } from './host-matches.js'
import { modulesToUnload, reasonToKeep } from './kernel-modules.js'
import { findForeignOutput, type OwnOutputs } from './left-outputs.js'
import { orderDeadline } from './order-deadline.js'
import { orderFor } from './order-for.js'
import type { OwnValues } from './own-values.js'
import type { StepRecord, UndoRecord } from './read-transactions.js'
import { reasonTaskIsGone } from './reason-task-is-gone.js'
import type { TransactionContext } from './transaction-context.js'

/** One change of an undo list, and what is known about it. */
export interface UndoStep {
  readonly record: StepRecord
  readonly index: number
  readonly undo: UndoChange
  /** What is undone. */
  readonly change: PlannedChange
  /** What the transaction's commands left of their outputs. */
  readonly outputs: OwnOutputs
  /** What the plan rests on: which devices it is about. */
  readonly facts: readonly Fact[]
  /** Values of the attribute that are the transaction's own. */
  readonly accepted: OwnValues | undefined
  /** What an earlier attempt recorded. */
  readonly earlier: UndoRecord | undefined
}

const CGROUPS = '/sys/fs/cgroup/'
const MOST_NAMED = 16

type Outcome = readonly [outcome: StepOutcome, reason?: string | undefined]

/**
 * Performs one undo change, or says why not. Never throws for what the host shows: the outcome is in the report.
 * @throws JANUS_LEDGER_WRITE_FAILED, after which nothing more may be touched
 */
export async function undoChange(context: TransactionContext, step: UndoStep): Promise<StepReport> {
  return reportOf(step.record, step.undo, await unlessLedgerFails(() => attempt(context, step)))
}

/** True when an undo change is not needed any more. A load is undone once everything that it brought is gone. */
export async function isUndone(machine: Machine, undo: UndoChange, record: StepRecord): Promise<boolean> {
  if (undo.kind !== 'unload-kernel-module') return isSatisfied(machine, undo)
  return (await modulesToUnload(machine.host, undo.name, record.modules ?? [])).length === 0
}

/**
 * Performs one undo change that nothing has to be compared for, under an index of its own, unless it is not needed.
 * @throws JANUS_LEDGER_WRITE_FAILED, after which nothing more may be touched
 */
export async function orderUndo(
  context: TransactionContext,
  record: StepRecord,
  index: number,
  undo: UndoChange,
): Promise<StepReport> {
  const at = { record, index }
  const outcome = await unlessLedgerFails(async () => {
    const isNeeded = !(await isUndone(context.machine, undo, record))
    return recorded(context, at, isNeeded ? await perform(context, at, undo) : ['unchanged'])
  })
  return reportOf(record, undo, outcome)
}

function reportOf({ step }: StepRecord, undo: UndoChange, [outcome, reason]: Outcome): StepReport {
  return { step, phase: 'undo', change: undo, outcome, ...(reason === undefined ? {} : { reason }) }
}

/** What cannot be undone is an outcome like any other; without a journal that takes records nothing goes on. */
async function unlessLedgerFails(work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work()
  } catch (error) {
    if (isJanusError(error) && error.code !== 'JANUS_LEDGER_WRITE_FAILED') return ['failed', error.message]
    throw error
  }
}

async function attempt(context: TransactionContext, step: UndoStep): Promise<Outcome> {
  const { undo, record, earlier } = step
  // What was undone once is not judged again: by now the host may be what a later undo change made of it.
  if (earlier?.outcome === 'done' || earlier?.outcome === 'unchanged')
    return ['unchanged', 'an earlier attempt undid it']
  const { machine } = context
  if (await isUndone(machine, undo, record)) return recorded(context, step, ['unchanged'])
  if (undo.kind === 'unload-kernel-module') return recorded(context, step, await unload(context, step, undo))
  const mismatch =
    (await findOtherDevice(machine.host, step.facts, undo)) ??
    (await findMismatch(machine, undo, step.accepted)) ??
    (await findForeignOutput(machine.host, step.outputs, step.change, undo))
  const gone = mismatch === undefined ? undefined : reasonTaskIsGone(undo, mismatch)
  if (gone !== undefined) return recorded(context, step, ['skipped', gone])
  if (mismatch !== undefined)
    return ['conflict', `${mismatch.path} should be ${mismatch.expected}, found ${mismatch.found}`]
  return recorded(context, step, await perform(context, step, undo))
}

async function recorded(
  { id, journal }: TransactionContext,
  { record, index }: Pick<UndoStep, 'record' | 'index'>,
  [outcome, reason]: Outcome,
): Promise<Outcome> {
  const { step } = record
  await journal.record('undo-result', { id, step, index, outcome, ...(reason === undefined ? {} : { reason }) })
  return [outcome, reason]
}

async function perform(
  context: TransactionContext,
  { record, index }: Pick<UndoStep, 'record' | 'index'>,
  undo: UndoChange,
): Promise<Outcome> {
  const { id, journal } = context
  const [needed] = await unmetConditions(context.machine, undo.onlyWhen ?? [])
  if (needed !== undefined) return ['left', `only when ${describeCondition(needed.condition)}; found: ${needed.found}`]
  const order = await orderFor(undo, context.saved)
  const hand = await context.hands.current()
  await journal.record('undo-intent', { id, step: record.step, index, hand: hand.pid })
  context.emit('transaction:step-started', { transaction: id, step: record.step, phase: 'undo', change: undo })
  const answer = await hand.perform(order, orderDeadline(context.deadlines, undo))
  return judge(context, undo, answer)
}

async function judge(context: TransactionContext, undo: UndoChange, answer: HandAnswer): Promise<Outcome> {
  if (answer.outcome === 'hung') {
    return ['in-progress-in-kernel', `the kernel did not answer within ${orderDeadline(context.deadlines, undo)} ms`]
  }
  if (answer.outcome === 'failed') {
    if (undo.kind === 'remove-directory' && answer.errno === 'ENOTEMPTY') return ['left', 'it is not empty']
    if (undo.kind === 'remove-directory' && answer.errno === 'EBUSY' && undo.path.startsWith(CGROUPS))
      return ['left', await describeOccupants(context.machine, undo.path)]
    if (undo.mayFail?.errors.includes(answer.errno) === true) {
      return ['skipped', `${answer.errno}: ${undo.mayFail.because}`]
    }
    return ['failed', `${answer.errno}: ${answer.message}`]
  }
  const [unmet] = await awaitConditions(
    context.machine,
    undo.verify ?? [],
    undo.verifyWithin ?? context.deadlines.verify,
  )
  if (unmet === undefined) return ['done']
  return ['failed', `afterwards ${describeCondition(unmet.condition)} should hold, found ${unmet.found}`]
}

/** A cgroup stays as long as there are tasks in it, or groups below it. */
async function describeOccupants({ host }: Machine, path: string): Promise<string> {
  const pids = ((await host.readText(`${path}/cgroup.procs`)).value ?? '').split('\n').filter((line) => line !== '')
  if (pids.length === 0) return 'there are groups with tasks below it'
  const named = await Promise.all(
    pids.slice(0, MOST_NAMED).map(async (pid) => {
      const name = (await host.readText(`/proc/${pid}/comm`)).value?.trim()
      return name === undefined ? pid : `${pid} (${name})`
    }),
  )
  const more = pids.length > MOST_NAMED ? ` and ${pids.length - MOST_NAMED} more` : ''
  return `tasks are in it that the transaction did not put there: ${named.join(', ')}${more}`
}

/** Unloads what the load brought, dependants first, each only if nothing uses it; the rest stays and the report says so. */
async function unload(context: TransactionContext, step: UndoStep, undo: UnloadKernelModule): Promise<Outcome> {
  const { host } = context.machine
  for (const name of await modulesToUnload(host, undo.name, step.record.modules ?? [])) {
    const reason = await reasonToKeep(host, name)
    if (reason !== undefined) return ['left', `${name} stays loaded: ${reason}`]
    const [outcome, why] = await perform(context, step, { ...undo, name })
    if (outcome === 'in-progress-in-kernel') return [outcome, why]
    if (outcome !== 'done') return ['left', `${name} stays loaded: ${why ?? outcome}`]
  }
  return ['done']
}
