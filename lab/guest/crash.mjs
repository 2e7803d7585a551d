// Kills the unmodified CLI at every fsync, before every journal record and at every order of its hand, in an apply and in a
// rollback, and again in a recovery; recovers, and compares the host with before and planned.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { callOfOrder, isAlive, isHandAtWork, killJanusAt, startHeldJanus } from './kit/held-janus.mjs'
import { journaledOrders, journaledProcess, journalRecords, sameState, stateFolder } from './kit/janus.mjs'
import { check, differences, finish, hostState, janusJson, note, run, value, waitFor } from './kit.mjs'

const [target, selection = 'all'] = process.argv.slice(2)
const APPLY = ['bind', '--device', target, '--apply', '--yes']
const ROLLBACK = ['rollback', '--last', '--yes']
const RECOVER = ['recover', '--yes']
const COMMANDS = { apply: APPLY, rollback: ROLLBACK }

/** What the first apply left in the state folder. */
const SAVED = '/run/saved-state'
const JOURNAL = `${stateFolder}/journal.jsonl`

/** Microseconds; longer than recovery takes to start, shorter than it waits for a hand. */
const HOLD = 2_500_000

const began = performance.now()
const endings = { apply: {}, rollback: {}, recover: {} }
const points = []

const before = await hostState()
const seen = { apply: await enumerate('apply', APPLY) }
const planned = await hostState()
cpSync(stateFolder, SAVED, { recursive: true })
check('an apply binds the device', planned.devices[target].driver === 'vfio-pci', planned.devices[target])
seen.rollback = await enumerate('rollback', ROLLBACK)
const back = await hostState()
check('a rollback leads back to before', sameState(before, back), differences(before, back))

for (const phase of ['apply', 'rollback']) await killAtEach(phase, seen[phase])
if (selection === 'all') await killRecoveries()

for (const phase of ['apply', 'rollback']) {
  check(`${phase}: both end states occur`, endings[phase].before > 0 && endings[phase].planned > 0, endings[phase])
}
value('points', points)
note(`${points.length} points; ${JSON.stringify(endings)}; ${elapsed()}`)
finish()

async function killAtEach(phase, { fsyncs, records, orders }) {
  const args = COMMANDS[phase]
  const isSome = selection === 'some'
  // Of some, one for each end state: the last of an apply, and before anything of a rollback.
  for (const at of isSome ? (phase === 'apply' ? [fsyncs] : []) : upTo(fsyncs)) {
    await crash(phase, `fsync ${at} of ${fsyncs}`, () => killJanusAt(args, { call: 'fsync', nth: at }))
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

/** What there is to hit: one run to the end, counted by strace and by the journal. */
async function enumerate(phase, args) {
  const from = { orders: journaledOrders().length, records: journalRecords().length }
  const trace = '/run/crash-enumerate'
  const result = await startHeldJanus(args, { calls: 'fsync', nth: 65_535, microseconds: 1, trace }).ended
  if (!check(`${phase}: runs to its end under strace`, result.exitCode === 0, result)) finish()
  const lines = readFileSync(trace, 'utf8').split('\n')
  const fsyncs = lines.filter((line) => /\bfsync\(\d/.test(line)).length
  const records = journalRecords().length - from.records
  const orders = journaledOrders().slice(from.orders)
  const kinds = orders.map(
    ({ phase: direction, change }) => `${direction} ${change.kind} ${change.path ?? change.name}`,
  )
  note(
    `${phase}: ${fsyncs} fsyncs, ${records} journal records, ${orders.length} orders (${kinds.join(', ')}); ${elapsed()}`,
  )
  return { fsyncs, records, orders }
}

/** One point: bring the host where the phase begins, kill, recover, compare. */
async function crash(phase, point, kill) {
  await prepare(phase)
  const { hit, over, ...killed } = await kill()
  const expected = journaledEnd()
  const recovered = await janusJson(...RECOVER)
  await over
  const state = await hostState()
  const ending = sameState(state, before) ? 'before' : sameState(state, planned) ? 'planned' : 'neither'
  endings[phase][ending] = (endings[phase][ending] ?? 0) + 1
  points.push({ phase, point, ending })
  note(`${phase}, ${point}: ${ending}; ${elapsed()}`)
  const title = `${phase}, ${point}`
  check(`${title}: the CLI is killed there`, hit, killed)
  check(`${title}: recover ends in ${expected}`, recovered.exitCode === 0 && ending === expected, {
    ending,
    recovered,
    difference: differences(before, state),
    journal: journalRecords().map(({ type, payload }) => ({ type, ...payload, plan: undefined })),
  })
  const last = journalRecords().at(-1)?.type
  check(`${title}: nothing is left open`, ['transaction-applied', 'transaction-undone', undefined].includes(last), last)
  if (ending === 'neither') finish()
}

/**
 * Every run begins as its phase wants it: on a machine that never saw Janus for an apply, bound for a rollback, bound and
 * without the record that says so for a recovery. The journal is that of the first apply and the host is brought there by
 * plain writes, because running the CLI for it would double the time.
 */
async function prepare(phase) {
  const wanted = phase === 'apply' ? before : planned
  const state = await hostState()
  if (!sameState(state, wanted)) await (phase === 'apply' ? bringHome() : bringAway())
  const reached = await hostState()
  if (!sameState(reached, wanted)) {
    check(`${phase}: the host can be prepared`, false, differences(wanted, reached))
    finish()
  }
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

async function bringAway() {
  await run('modprobe', ['vfio-pci'])
  writeFileSync(`/sys/bus/pci/devices/${target}/driver_override`, 'vfio-pci')
  writeFileSync(`/sys/bus/pci/drivers/${before.devices[target].driver}/unbind`, target)
  writeFileSync('/sys/bus/pci/drivers/vfio-pci/bind', target)
}

async function bringHome() {
  writeFileSync('/sys/bus/pci/drivers/vfio-pci/unbind', target)
  writeFileSync(`/sys/bus/pci/devices/${target}/driver_override`, '\n')
  writeFileSync(`/sys/bus/pci/drivers/${before.devices[target].driver}/bind`, target)
  const loaded = readFileSync('/proc/modules', 'utf8')
    .split('\n')
    .map((line) => line.split(' ', 1)[0])
  await run(
    'rmmod',
    loaded.filter((name) => planned.modules.includes(name) && !before.modules.includes(name)),
  )
}

/** What the journal promises at this moment: only an apply that is recorded as such, and no undo of it, stays. */
function journaledEnd() {
  const types = journalRecords().map(({ type }) => type)
  return types.lastIndexOf('transaction-applied') > types.lastIndexOf('undo-begin') ? 'planned' : 'before'
}

/** The record is not in the journal then, and nothing after it. */
function killBeforeRecord(args, at) {
  return killJanusAt(args, { call: 'write', paths: [JOURNAL], nth: at })
}

/** The hand is held at the entry of its call into the kernel, so that it is alive and at work when its parent dies. */
async function killAtOrder(args, at, orders) {
  const from = journaledOrders().length
  const running = startHeldJanus(args, { ...callOfOrder(orders, at - 1), microseconds: HOLD })
  const intent = await waitFor(() => journaledOrders()[from + at - 1], { timeoutMs: 120_000, everyMs: 5 })
  const handAtWork = intent !== undefined && (await isHandAtWork(intent))
  const { pid } = journaledProcess()
  process.kill(pid, 'SIGKILL')
  await waitFor(() => !isAlive(pid), { everyMs: 5 })
  return { hit: handAtWork, over: running.ended }
}

function nameOrder(orders, at) {
  const { change } = orders[at - 1]
  return `order ${at} of ${orders.length} (${change.path ?? change.kind}), the hand at work`
}

function upTo(count) {
  return Array.from({ length: count }, (_, index) => index + 1)
}

function elapsed() {
  return `${Math.round((performance.now() - began) / 1000)} s`
}
