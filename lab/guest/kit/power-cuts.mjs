import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { describePoints, enumeratePoints, holdJanusAtOrder, nameChange } from './enumerate-points.mjs'
import { holdJanusAt } from './held-janus.mjs'
import {
  differences,
  hostState,
  janus,
  janusJson,
  journaledEnd,
  journalRecords,
  sameState,
  stateFolder,
} from './janus.mjs'
import { check, finish, marker, note, value } from './report.mjs'
import { run } from './run.mjs'

/** A disk of the scenario's own, for what it has to know after a cut. */
const NOTES = '/run/power-cut/notes.json'
const RECOVER = ['recover', '--yes']
/** Microseconds; longer than it takes the host to cut the power. */
const HOLD = 120_000_000

/**
 * The guest's side of a power cut scenario; `lab/machine/power-cuts.ts` is the host's. One call for each boot, with the task
 * that the host gave: in the first one learns where the power can be cut, every other one looks at what the last cut left,
 * and works until the next. The disks of the job write only what was made durable by whoever wrote it.
 *
 * - `task`: what the host gave, `{ learn }` or `{ look, cut }`.
 * - `prepare`: puts onto the empty disks what the machine has before; only called for `learn`.
 * - `apply`, `rollback`: arguments of the CLI, with what makes it go without asking.
 * - `readLasting`: the state on the disks, sections of plain values; compared with before and planned.
 * - `isPlanned`: whether that state after an apply is what was asked for.
 * - `isCut`: whether the power is to be cut at an order, given what the journal says of it; default at each.
 * - `midway`: further moments of an apply by name, each a function that starts the CLI with the arguments it is given, and
 *   answers true once it is there.
 * - `fsyncs`: at how many of its fsyncs an apply is cut, from the first to the last; a rollback at half as many.
 */
export async function cutThePower({
  task,
  prepare,
  apply,
  rollback = ['rollback', '--last', '--yes'],
  readLasting,
  isPlanned,
  isCut = () => true,
  midway = {},
  fsyncs = 3,
}) {
  const commands = { apply, rollback }
  await writeOnlyWhatIsDurable()
  if (task.learn) await learn()
  else {
    const known = JSON.parse(readFileSync(NOTES, 'utf8'))
    if (task.look) await look(known, task.look)
    if (task.cut) await cut(known, task.cut)
  }
  finish()

  async function learn() {
    await prepare()
    const before = await readLasting()
    const seen = { apply: await enumerate('apply') }
    const planned = await readLasting()
    check('an apply leads to what was planned', isPlanned(planned), planned)
    check('which is not what was before', !sameState(before, planned))
    seen.rollback = await enumerate('rollback')
    const back = await readLasting()
    check('a rollback leads back to before', sameState(before, back), differences(before, back))
    forget()
    writeFileSync(
      NOTES,
      JSON.stringify({ before, planned, orders: { apply: seen.apply.orders, rollback: seen.rollback.orders } }),
    )
    value('points', [
      ...pointsOf('apply', seen.apply, fsyncs, isCut),
      ...Object.keys(midway).map((name) => ({ phase: 'apply', kind: 'midway', name, title: name })),
      { phase: 'apply', kind: 'end', title: 'it has ended' },
      ...pointsOf('rollback', seen.rollback, Math.ceil(fsyncs / 2), isCut),
      { phase: 'rollback', kind: 'end', title: 'it has ended' },
    ])
  }

  async function enumerate(phase) {
    const found = await enumeratePoints(commands[phase])
    if (!check(`${phase}: runs to its end under strace`, found.result.exitCode === 0, found.result)) finish()
    note(`${phase}: ${describePoints(found)}`)
    return found
  }

  /** Holds Janus at the point and asks for the cut. */
  async function cut({ orders }, { phase, kind, at, name, title }) {
    if (phase === 'rollback') await mustSucceed(janus(...apply))
    // What was prepared is not what is tried.
    await run('sync')
    const args = commands[phase]
    const isThere = {
      fsync: () => isAtFsync(args, at),
      order: async () => (await holdJanusAtOrder(args, at, orders[phase], HOLD)).handAtWork,
      midway: () => midway[name](args),
      end: async () => (await janus(...args)).exitCode === 0,
    }
    if (!check(`${phase}, ${title}: Janus is there`, await isThere[kind]())) finish()
    marker('cut the power')
    await new Promise((resolve) => setTimeout(resolve, HOLD / 1000))
  }

  /** After the reboot: before or planned, whichever the journal says, byte for byte; and nothing in the way of going on. */
  async function look({ before, planned }, { phase, title: point, kind }) {
    const title = `${phase}, ${point}`
    const running = await hostState()
    const expected = journaledEnd()
    if (kind === 'end') {
      check(`${title}: what ended is in the journal`, expected === (phase === 'apply' ? 'planned' : 'before'), expected)
    }
    const found = await readLasting()
    const recovered = await janusJson(...RECOVER)
    const state = await readLasting()
    const ending = sameState(state, before) ? 'before' : sameState(state, planned) ? 'planned' : 'neither'
    const undone = (recovered.document?.data?.transactions ?? []).map(({ outcome }) => outcome)
    note(`${title}: ${ending}${undone.length > 0 ? ` (${undone.join(', ')})` : ''}`)
    value('ending', { phase, point, ending })
    check(`${title}: recover ends in ${expected}`, recovered.exitCode === 0 && ending === expected, {
      ending,
      recovered,
      difference: differences(before, state),
      ...(expected === 'planned' && { fromPlanned: differences(planned, state) }),
      foundAfterTheCut: differences(before, found),
      journal: journalRecords().map(({ type, payload }) => ({ type, ...payload, plan: undefined })),
    })
    const changed = differences(running, await hostState())
    check(`${title}: recover leaves the new boot alone`, Object.keys(changed).length === 0, changed)
    const again = await janusJson(...RECOVER)
    check(
      `${title}: a second recover finds nothing`,
      again.exitCode === 0 && again.document?.data?.transactions.length === 0,
      again,
    )
    if (ending === 'planned') {
      await mustSucceed(janus(...rollback))
      const back = await readLasting()
      check(`${title}: it can still be rolled back`, sameState(before, back), differences(before, back))
    }
    if (ending === 'neither') finish()
    forget()
  }

  async function mustSucceed(running) {
    const result = await running
    if (!check('Janus does what comes before', result.exitCode === 0, result)) finish()
  }
}

/** Records that wait for a slow disk share an fsync, so that a run may have fewer than the one that was counted: then it has ended. */
async function isAtFsync(args, nth) {
  const { isHit, hasEnded } = await holdJanusAt(args, { call: 'fsync', nth })
  return isHit || hasEnded
}

function pointsOf(phase, { fsyncs, orders }, most, isCut) {
  const step = (fsyncs - 1) / (most - 1)
  const chosen = new Set(Array.from({ length: most }, (_, index) => 1 + Math.round(index * step)))
  const each = orders.map((order, index) => ({
    phase,
    kind: 'order',
    at: index + 1,
    title: `order ${index + 1} of ${orders.length} (${nameChange(order.change)}), the hand at work`,
  }))
  return [
    ...[...chosen].map((at) => ({ phase, kind: 'fsync', at, title: `fsync ${at} of ${fsyncs}` })),
    ...each.filter((_, index) => isCut(orders[index])),
  ]
}

/** The kernel writes back after a while what nobody asked for; here never, so that a cut loses all that can be lost. */
async function writeOnlyWhatIsDurable() {
  writeFileSync('/proc/sys/vm/dirty_writeback_centisecs', '0')
  const disks = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([device]) => /^\/dev\/(vd|janus\/)/.test(device))
  for (const [, folder] of disks) {
    const { exitCode, stderr } = await run('mount', ['-o', 'remount,commit=3600', folder])
    if (exitCode !== 0) check(`${folder} writes nothing back by itself`, false, stderr)
  }
  if (disks.length === 0) check('there are disks', false)
}

/** The next point meets a machine that never saw Janus. The folder may be a disk. */
function forget() {
  if (!existsSync(stateFolder)) return
  for (const name of readdirSync(stateFolder)) {
    if (name !== 'lost+found') rmSync(`${stateFolder}/${name}`, { recursive: true, force: true })
  }
}
