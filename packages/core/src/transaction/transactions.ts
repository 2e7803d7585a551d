import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { JanusEvents } from '../contract/events.js'
import type { Machine, ProcessIdentity } from '../contract/hand.js'
import type { ApplyOptions, Deadlines, RollbackOptions } from '../contract/janus.js'
import type { Plan } from '../contract/plan.js'
import type { ApplyReport, RecoverReport, TransactionActor, UndoReport } from '../contract/transaction.js'
import { janusError } from '../errors/janus-error.js'
import { subjectsOf } from '../plan/subjects.js'
import { acquireHostLock, createSavedBytes, prepareStateDirectory } from '../state/index.js'
import { applyPlan, type NextStage } from './apply-plan.js'
import { chooseRollback, subjectsOfTransaction } from './choose-rollback.js'
import { type Journal, openJournal } from './journal.js'
import { awaitHands, heldSubjects } from './live-hands.js'
import { type PruneReport, pruneJournal } from './prune-journal.js'
import { readBootId } from './read-boot-id.js'
import { readJournal } from './read-journal.js'
import { isVoid, type TransactionRecord } from './read-transactions.js'
import { refuseHeld } from './refuse-held.js'
import { requireFit } from './require-fit.js'
import { createHandKeeper, type TransactionContext } from './transaction-context.js'
import { previewUndo, undoTransaction } from './undo-transaction.js'

/** What transactions on a machine need. */
export interface TransactionSettings {
  readonly machine: Machine
  readonly stateDirectory: string
  readonly deadlines: Required<Deadlines>
  readonly actor: TransactionActor
  readonly janusVersion: string
  /** The process that works, as the journal records it. */
  readonly process: ProcessIdentity
  emit<Name extends keyof JanusEvents>(name: Name, event: JanusEvents[Name][0]): void
}

/** Everything that changes a machine, one at a time, under the host lock. */
export interface Transactions {
  /** Rejects with what an apply would reject with before its first step. */
  preflight(plan: Plan, options?: Pick<ApplyOptions, 'accept'>): Promise<void>
  /** @param nextStage what a profile goes on with once all steps so far are done, under the same lock */
  apply(plan: Plan, options?: ApplyOptions, nextStage?: NextStage): Promise<ApplyReport>
  rollback(options?: RollbackOptions): Promise<readonly UndoReport[]>
  recover(options?: { readonly dryRun?: boolean; readonly signal?: AbortSignal }): Promise<RecoverReport>
  prune(options: { readonly before: Date; readonly dryRun?: boolean }): Promise<PruneReport>
}

/** Makes the transactions of a machine whose journal lies in a state directory. */
export function createTransactions(settings: TransactionSettings): Transactions {
  return {
    async preflight(plan, options = {}) {
      requireSameRoot(plan, settings.machine)
      const bootId = await readBootId(settings.machine.host)
      requireRecovered({ records: await readJournal(settings.stateDirectory), bootId }, plan)
      await requireFit(settings.machine, plan, options.accept ?? [])
    },

    async apply(plan, options = {}, nextStage = async () => undefined) {
      if (plan.changes.length === 0) return { transaction: '', outcome: 'unchanged', plan, steps: [] }
      requireSameRoot(plan, settings.machine)
      return underLock(settings, `apply ${plan.module.id}`, async (work) => {
        requireRecovered(work, plan)
        const admitted: NextStage = async () => {
          const next = await nextStage()
          if (next === undefined) return undefined
          requireSameRoot(next, settings.machine)
          requireRecovered(work, next)
          return next
        }
        return withContext(settings, work, newTransactionId(), (context) => {
          const { actor, janusVersion } = settings
          return applyPlan(context, plan, { actor, janusVersion }, options, admitted)
        })
      })
    },

    async rollback(options = {}) {
      if (options.dryRun === true) return previewRollback(settings, options)
      return underLock(settings, 'rollback', async (work) => {
        const chosen = chooseRollback(work.records, options, work.bootId)
        const held = heldSubjects(await awaitHands(settings.machine, chosen, settings.deadlines.hands))
        await refuseHeld(settings.machine, chosen)
        const reports: UndoReport[] = []
        for (const record of chosen) {
          if (options.signal?.aborted === true)
            throw janusError('JANUS_ABORTED', `cancelled before ${record.begin.id} was rolled back`)
          const report = await undoOne(settings, work, record, 'rollback', held)
          reports.push(report)
          if (report.outcome === 'incomplete') break
        }
        return reports
      })
    },

    async recover(options = {}) {
      if (options.dryRun === true) return previewRecovery(settings)
      return underLock(settings, 'recover', async (work) => {
        const open = work.records.filter(needsRecovery)
        const blocked = await awaitHands(settings.machine, open, settings.deadlines.hands)
        const transactions: UndoReport[] = []
        for (const record of open.toReversed()) {
          if (options.signal?.aborted === true)
            throw janusError('JANUS_ABORTED', `cancelled before ${record.begin.id} was recovered`)
          transactions.push(await undoOne(settings, work, record, 'recover', heldSubjects(blocked)))
        }
        return { transactions, blocked, complete: isComplete(transactions) }
      })
    },

    prune: ({ before, dryRun = false }) =>
      dryRun
        ? pruneJournal(settings, { before, dryRun })
        : withLock(settings, 'history prune', () => pruneJournal(settings, { before, dryRun })),
  }
}

interface Work {
  readonly journal: Journal
  readonly records: readonly TransactionRecord[]
  readonly bootId: string | undefined
}

/** Takes the host lock, mends and reads the journal, and lets go of both in the end. */
async function underLock<Result>(
  settings: TransactionSettings,
  purpose: string,
  run: (work: Work) => Promise<Result>,
): Promise<Result> {
  return withLock(settings, purpose, async () => {
    const journal = await openJournal(settings.stateDirectory)
    try {
      const records = await readJournal(settings.stateDirectory)
      return await run({ journal, records, bootId: await readBootId(settings.machine.host) })
    } finally {
      await journal.close()
    }
  })
}

async function withLock<Result>(
  settings: TransactionSettings,
  purpose: string,
  run: () => Promise<Result>,
): Promise<Result> {
  await prepareStateDirectory(settings.stateDirectory, { uid: settings.actor.uid })
  const lock = await acquireHostLock(join(settings.stateDirectory, 'lock'), { purpose })
  try {
    return await run()
  } finally {
    await lock.release()
  }
}

async function withContext<Result>(
  settings: TransactionSettings,
  { journal, bootId }: Work,
  id: string,
  run: (context: TransactionContext) => Promise<Result>,
): Promise<Result> {
  const { machine, deadlines, process, emit } = settings
  const hands = createHandKeeper({ id, machine, journal, deadline: deadlines.order })
  const saved = createSavedBytes(join(settings.stateDirectory, 'saved'))
  try {
    return await run({ id, machine, journal, saved, deadlines, process, bootId, hands, emit })
  } finally {
    await hands.end()
  }
}

function undoOne(
  settings: TransactionSettings,
  work: Work,
  record: TransactionRecord,
  because: string,
  blocked: ReadonlyMap<string, string>,
): Promise<UndoReport> {
  return withContext(settings, work, record.begin.id, (context) => undoTransaction(context, record, because, blocked))
}

async function previewRollback(
  settings: TransactionSettings,
  options: RollbackOptions,
): Promise<readonly UndoReport[]> {
  const bootId = await readBootId(settings.machine.host)
  const chosen = chooseRollback(await readJournal(settings.stateDirectory), options, bootId)
  const held = heldSubjects(await awaitHands(settings.machine, chosen, 0))
  return Promise.all(chosen.map((record) => previewUndo({ machine: settings.machine, bootId }, record, held)))
}

async function previewRecovery(settings: TransactionSettings): Promise<RecoverReport> {
  const bootId = await readBootId(settings.machine.host)
  const open = (await readJournal(settings.stateDirectory)).filter(needsRecovery)
  const blocked = await awaitHands(settings.machine, open, 0)
  const held = heldSubjects(blocked)
  const transactions = await Promise.all(
    open.toReversed().map((record) => previewUndo({ machine: settings.machine, bootId }, record, held)),
  )
  return { transactions, blocked, complete: open.length === 0 }
}

function isComplete(reports: readonly UndoReport[]): boolean {
  return reports.every((report) => report.outcome !== 'incomplete')
}

/** Under the lock nobody else can be working on it: what has no end in the journal was interrupted. */
function needsRecovery(record: TransactionRecord): boolean {
  return record.phase === 'applying' || record.phase === 'undoing' || record.phase === 'incomplete'
}

/** A boot undoes runtime changes by itself: what it made void stands in nobody's way. */
function requireRecovered({ records, bootId }: Pick<Work, 'records' | 'bootId'>, plan: Plan): void {
  const subjects = new Set(plan.changes.flatMap(subjectsOf))
  const open = records.find(
    (record) =>
      !isVoid(record, bootId) &&
      (record.phase === 'applying' ||
        record.phase === 'undoing' ||
        (record.phase === 'incomplete' && subjectsOfTransaction(record).some((subject) => subjects.has(subject)))),
  )
  if (open === undefined) return
  const state = open.phase === 'incomplete' ? 'could not be undone completely' : 'was interrupted'
  throw janusError('JANUS_RECOVERY_NEEDED', `transaction ${open.begin.id} (${open.begin.plan.module.id}) ${state}`, {
    data: { transaction: open.begin.id },
  })
}

function requireSameRoot(plan: Plan, machine: Machine): void {
  if (plan.root === machine.host.root) return
  throw janusError('JANUS_PLAN_INVALID', `the plan is for the root ${plan.root}, this is ${machine.host.root}`)
}

/** Sortable by time, unique by chance: `20261121-053000-9f2c`. */
function newTransactionId(): string {
  const time = new Date()
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace(/[-:]/g, '')
    .replace('T', '-')
  return `${time}-${randomBytes(3).toString('hex')}`
}
