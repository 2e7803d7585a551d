// SIGINT and SIGTERM while an apply is in each of its steps and between them, a second signal, and a signal in a rollback.
import { rmSync } from 'node:fs'
import { callOfOrder, isAlive, isHandAtWork, startHeldJanus } from './kit/held-janus.mjs'
import { journaledOrders, journaledProcess, journalRecords, sameState, stateFolder } from './kit/janus.mjs'
import { check, differences, finish, hostState, janus, janusJson, note, waitFor } from './kit.mjs'

const [target] = process.argv.slice(2)
const APPLY = ['bind', '--device', target, '--apply', '--yes', '--json']
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 }

/** Microseconds that a call is held at its entry. */
const HOLD = 1_500_000

const before = await hostState()
const orders = await learnOrders()
const planned = await hostState()
await rollBack()

for (const [at] of orders.entries()) {
  for (const signal of Object.keys(EXIT_CODES)) await duringStep(signal, at)
}
for (let at = 0; at < orders.length; at += 1) await beforeStep(at % 2 === 0 ? 'SIGTERM' : 'SIGINT', at)
await secondSignal()
await duringRollback()
finish()

/** What an apply orders its hand to do, from one that runs to its end. */
async function learnOrders() {
  const result = await janus(...APPLY)
  if (!check('an apply runs to its end', result.exitCode === 0, result)) finish()
  return journaledOrders()
}

/** The signal comes while the hand is held at the entry of its call into the kernel. */
async function duringStep(signal, at) {
  const title = `${signal} in step ${at + 1} of ${orders.length} (${orders[at].change.kind})`
  const { running, atWork } = await applyHeldAt(at)
  check(`${title}: the hand is at work`, atWork)
  process.kill(journaledProcess().pid, signal)
  await undone(title, signal, await running.ended)
}

/** The signal comes while the CLI is held as it writes the step's intent: the step before is over, this one not begun. */
async function beforeStep(signal, at) {
  const title = `${signal} before step ${at + 1} of ${orders.length}`
  rmSync(stateFolder, { recursive: true, force: true })
  // Records: the beginning and the hand come first, then an intent and a result for each step.
  const record = 3 + 2 * at
  const running = startHeldJanus(APPLY, {
    calls: 'write',
    paths: [`${stateFolder}/journal.jsonl`],
    nth: record,
    microseconds: HOLD,
  })
  await waitFor(() => journalRecords().length === record - 1, { timeoutMs: 120_000, everyMs: 5 })
  await pause(300)
  process.kill(journaledProcess().pid, signal)
  await undone(title, signal, await running.ended)
}

async function secondSignal() {
  const title = 'a second SIGINT'
  const { running, atWork } = await applyHeldAt(orders.length - 2, 6_000_000)
  const { pid } = journaledProcess()
  process.kill(pid, 'SIGINT')
  await pause(700)
  const alive = isAlive(pid)
  process.kill(pid, 'SIGINT')
  const ended = await waitFor(() => !isAlive(pid), { timeoutMs: 2_000, everyMs: 20 })
  check(`${title}: ends at once, while the hand still is at work`, atWork && alive && ended, { atWork, alive, ended })
  const recovered = await janusJson('recover', '--yes')
  const result = await running.ended
  check(`${title}: the exit code is 130`, result.exitCode === 130, result)
  const state = await hostState()
  check(`${title}: recover then leads to before`, recovered.exitCode === 0 && sameState(before, state), {
    recovered,
    difference: differences(before, state),
  })
  await nothingOpen(title)
}

async function duringRollback() {
  await learnAgain()
  const paths = ['/sys/bus/pci/drivers/vfio-pci/unbind']
  const running = startHeldJanus(['rollback', '--last', '--yes', '--json'], {
    calls: 'write',
    paths,
    microseconds: HOLD,
  })
  const intent = await waitFor(() => journaledOrders().find(({ phase }) => phase === 'undo'), {
    timeoutMs: 120_000,
    everyMs: 5,
  })
  check('SIGINT in a rollback: the hand is at work', intent !== undefined && (await isHandAtWork(intent)))
  process.kill(journaledProcess().pid, 'SIGINT')
  const result = await running.ended
  const recovered = await janusJson('recover', '--yes')
  const state = await hostState()
  const done = sameState(before, state) && recovered.exitCode === 0
  check('SIGINT in a rollback: it is finished, by itself or by recover', done && [0, 130].includes(result.exitCode), {
    result,
    recovered,
    difference: differences(before, state),
  })
  note(`SIGINT in a rollback ended with exit code ${result.exitCode}`)
  await nothingOpen('SIGINT in a rollback')
}

async function learnAgain() {
  rmSync(stateFolder, { recursive: true, force: true })
  const result = await janus(...APPLY)
  check('bound again for the rollback', result.exitCode === 0 && sameState(planned, await hostState()), result)
}

async function undone(title, signal, result) {
  check(`${title}: exit code ${EXIT_CODES[signal]}`, result.exitCode === EXIT_CODES[signal], result)
  const state = await hostState()
  const same = sameState(before, state)
  check(`${title}: the state is as before`, same, differences(before, state))
  await nothingOpen(title)
  if (!same) finish()
}

async function nothingOpen(title) {
  const { document } = await janusJson('history')
  const states = (document?.data?.transactions ?? []).map(({ state }) => state)
  check(`${title}: history has nothing open`, states.length > 0 && states.every((state) => state === 'undone'), states)
}

/** An apply whose hand is held in this step, microseconds long. */
async function applyHeldAt(at, microseconds = HOLD) {
  rmSync(stateFolder, { recursive: true, force: true })
  const running = startHeldJanus(APPLY, { ...callOfOrder(orders, at), microseconds })
  const intent = await waitFor(() => journaledOrders()[at], { timeoutMs: 120_000, everyMs: 5 })
  return { running, atWork: intent !== undefined && (await isHandAtWork(intent)) }
}

async function rollBack() {
  const result = await janus('rollback', '--last', '--yes')
  check('a rollback leads back to before', result.exitCode === 0 && sameState(before, await hostState()), result)
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
