import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { describePoints, enumeratePoints, holdJanusAtOrder, nameChange } from './enumerate-points.mjs'
import { isAlive, killJanusAt } from './held-janus.mjs'
import {
  differences,
  hostState,
  janus,
  janusJson,
  journaledEnd,
  journaledProcess,
  journalRecords,
  sameState,
  stateFolder,
} from './janus.mjs'
import { check, finish, note, value } from './report.mjs'
import { waitFor } from './wait-for.mjs'

const RECOVER = ['recover', '--yes']
/** What the last whole apply left in the state folder. */
const SAVED = '/run/saved-state'
const JOURNAL = `${stateFolder}/journal.jsonl`
/** Microseconds; longer than recovery takes to start, shorter than it waits for a hand. */
const HOLD = 2_500_000

/**
 * Kills the unmodified CLI with SIGKILL at every fsync, before the first and the last journal record and at every order of
 * its hand, in an apply and in a rollback, and again in a recovery; recovers, and compares the machine with before and
 * planned. Everything is checked here; ends the program at the first point that ends in neither.
 *
 * - `apply`, `rollback`: arguments of the CLI, with what makes it go without asking (`--apply --yes`).
 * - `readState`: the state that is compared, sections of plain values; default `hostState`, see there for paths and trees.
 * - `isPlanned`: whether the state after the first apply is what was asked for.
 * - `bringHome`, `bringAway`: lead the machine from planned to before and back between two points, given both states. By
 *   default Janus itself does, which takes a run of it for every point; plain writes are faster where they can say it all.
 * - `selection`: `all`, or `some` for a few points that lead to either end state.
 * - `varies`: one run may have other points than the next, as tasks come and go. Then the count goes on until a run ends by itself, and a
 *   point that a run did not have is no failure of it.
 * Returns `{ points, endings, before, planned }`; `points` is also reported as a value.
 */
export async function killAtEveryPoint({
  apply,
  rollback = ['rollback', '--last', '--yes'],
  readState = hostState,
  isPlanned = () => true,
  bringHome,
  bringAway,
  selection = 'all',
  varies = false,
}) {
  const began = performance.now()
  const commands = { apply, rollback }
  const endings = { apply: {}, rollback: {}, recover: {} }
  const points = []
  /** Of the machine, as it was read last; undefined once something may have changed it. */
  let known
  const elapsed = () => `${Math.round((performance.now() - began) / 1000)} s`

  const before = await readState()
  const seen = { apply: await enumerate('apply', apply) }
  const planned = await readState()
  saveState()
  check('an apply leads to what was planned', isPlanned(planned), planned)
  seen.rollback = await enumerate('rollback', rollback)
  const back = await readState()
  check('a rollback leads back to before', sameState(before, back), differences(before, back))

  for (const phase of ['apply', 'rollback']) await killAtEach(phase, seen[phase])
  if (selection === 'all') await killRecoveries()

  for (const phase of ['apply', 'rollback']) {
    const both = endings[phase].before > 0 && endings[phase].planned > 0
    check(`${phase}: both end states occur`, both, endings[phase])
  }
  value('points', points)
  note(`${points.length} points; ${JSON.stringify(endings)}; ${elapsed()}`)
  return { points, endings, before, planned }

  async function killAtEach(phase, { fsyncs, records, orders }) {
    const args = commands[phase]
    const isSome = selection === 'some'
    // Of some, one for each end state: the last of an apply, and before anything of a rollback.
    for (const at of isSome ? (phase === 'apply' ? [fsyncs] : []) : upTo(fsyncs)) {
      await crash(phase, `fsync ${at} of ${fsyncs}`, () => killJanusAt(args, { call: 'fsync', nth: at }))
    }
    for (let at = fsyncs + 1; varies; at += 1) {
      const nth = { call: 'fsync', nth: at }
      if (!(await crash(phase, `fsync ${at} of about ${fsyncs}`, () => killJanusAt(args, nth)))) break
    }
    for (const at of isSome ? (phase === 'apply' ? [] : [1]) : [1, records]) {
      await crash(phase, `record ${at} of ${records}`, () => killBeforeRecord(args, at))
    }
    for (const at of isSome ? [Math.ceil(orders.length / 2)] : upTo(orders.length)) {
      await crash(phase, nameOrder(orders, at), () => killAtOrder(args, at, orders))
    }
  }

  /** A recovery of an apply that died before its last record is killed at every fsync and order; then recovered again. */
  async function killRecoveries() {
    await prepare('recover')
    const { fsyncs, orders } = await enumerate('recover', RECOVER)
    for (const at of upTo(fsyncs)) {
      await crash('recover', `fsync ${at} of ${fsyncs}`, () => killJanusAt(RECOVER, { call: 'fsync', nth: at }))
    }
    for (const at of upTo(orders.length)) {
      await crash('recover', nameOrder(orders, at), () => killAtOrder(RECOVER, at, orders))
    }
  }

  /** What there is to hit in one command. */
  async function enumerate(phase, args) {
    const found = await enumeratePoints(args)
    if (!check(`${phase}: runs to its end under strace`, found.result.exitCode === 0, found.result)) finish()
    note(`${phase}: ${describePoints(found)}; ${elapsed()}`)
    return found
  }

  /** One point: bring the host where the phase begins, kill, recover, compare. False: the run had no such point. */
  async function crash(phase, point, kill) {
    await prepare(phase)
    known = undefined
    const { hit, over, ...killed } = await kill()
    const expected = journaledEnd()
    const recovered = await janusJson(...RECOVER)
    await over
    const state = await readState()
    known = state
    const ending = sameState(state, before) ? 'before' : sameState(state, planned) ? 'planned' : 'neither'
    endings[phase][ending] = (endings[phase][ending] ?? 0) + 1
    points.push({ phase, point, ending })
    note(`${phase}, ${point}: ${ending}; ${elapsed()}`)
    const title = `${phase}, ${point}`
    const endedByItself = varies && !hit && killed.exitCode === 0
    if (endedByItself) note(`${title}: this run ended before it`)
    else check(`${title}: the CLI is killed there`, hit, killed)
    check(`${title}: recover ends in ${expected}`, recovered.exitCode === 0 && ending === expected, {
      ending,
      recovered,
      difference: differences(before, state),
      ...(expected === 'planned' && { fromPlanned: differences(planned, state) }),
      journal: journalRecords().map(({ type, payload }) => ({ type, ...payload, plan: undefined })),
    })
    const last = journalRecords().at(-1)?.type
    check(
      `${title}: nothing is left open`,
      ['transaction-applied', 'transaction-undone', undefined].includes(last),
      last,
    )
    if (ending === 'neither') finish()
    return hit
  }

  /**
   * Every run begins as its phase wants it: on a machine that never saw Janus for an apply, with the journal of a whole
   * apply for a rollback, and without the record that says so for a recovery.
   */
  async function prepare(phase) {
    if (phase === 'apply') await bring(before, bringHome, rollBackBySaved)
    else await bring(planned, bringAway, applyAnew)
    rmSync(stateFolder, { recursive: true, force: true })
    if (phase === 'apply') return
    cpSync(SAVED, stateFolder, { recursive: true })
    if (phase === 'rollback') return
    const lines = readFileSync(JOURNAL, 'utf8').trimEnd().split('\n')
    writeFileSync(
      JOURNAL,
      lines
        .slice(0, -1)
        .map((line) => `${line}\n`)
        .join(''),
    )
  }

  async function bring(wanted, given, byJanus) {
    if (sameState(known ?? (await readState()), wanted)) return
    await (given ?? byJanus)({ before, planned })
    const reached = await readState()
    if (sameState(reached, wanted)) return
    check('the machine can be prepared for the next point', false, differences(wanted, reached))
    finish()
  }

  async function rollBackBySaved() {
    rmSync(stateFolder, { recursive: true, force: true })
    cpSync(SAVED, stateFolder, { recursive: true })
    await expectSuccess(janus(...rollback))
  }

  async function applyAnew() {
    rmSync(stateFolder, { recursive: true, force: true })
    await expectSuccess(janus(...apply))
    saveState()
  }
}

function saveState() {
  rmSync(SAVED, { recursive: true, force: true })
  cpSync(stateFolder, SAVED, { recursive: true })
}

/** The record is not in the journal then, and nothing after it. */
function killBeforeRecord(args, at) {
  return killJanusAt(args, { call: 'write', paths: [JOURNAL], nth: at })
}

async function killAtOrder(args, at, orders) {
  const { running, handAtWork } = await holdJanusAtOrder(args, at, orders, HOLD)
  const { pid } = journaledProcess()
  process.kill(pid, 'SIGKILL')
  await waitFor(() => !isAlive(pid), { everyMs: 5 })
  return { hit: handAtWork, over: running.ended }
}

async function expectSuccess(running) {
  const result = await running
  if (!check('Janus prepares the machine for the next point', result.exitCode === 0, result)) finish()
}

function nameOrder(orders, at) {
  return `order ${at} of ${orders.length} (${nameChange(orders[at - 1].change)}), the hand at work`
}

function upTo(count) {
  return Array.from({ length: count }, (_, index) => index + 1)
}
