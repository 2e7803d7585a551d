// Works until the host cuts the power at a marker, or looks at what is left after it; the journal lies on a disk.

import { callOfOrder, heldIn, startHeldJanus } from './kit/held-janus.mjs'
import { journaledOrders } from './kit/janus.mjs'
import { check, differences, finish, hostState, janus, janusJson, marker, note, waitFor } from './kit.mjs'

const [part, target, phase] = process.argv.slice(2)
const APPLY = ['bind', '--device', target, '--apply', '--yes']
const ROLLBACK = ['rollback', '--last', '--yes']
const HELD = 60_000_000

const phases = {
  /** The transaction is in the journal, no step was begun. */
  'before the first step': async () => {
    const orders = await learnOrders()
    const paths = ['/var/lib/janus/journal.jsonl']
    const strace = startHeldJanus(APPLY, { calls: 'write', paths, nth: 3, microseconds: HELD })
    await journaled((types) => types.lastIndexOf('hand-started') > types.lastIndexOf('transaction-begin'))
    // The records are seen before they are on the disk; the next one is written only after.
    check('the next record is held back', (await heldIn(strace, 'write')) !== undefined)
    note(`an apply has ${orders.length} orders`)
  },
  'in the middle of an apply': async () => {
    const orders = await learnOrders()
    const middle = orders.length - 2
    const held = { ...callOfOrder(orders, middle), microseconds: HELD }
    startHeldJanus(APPLY, held)
    await journaled(
      (types) => since(types, 'transaction-begin').filter((type) => type === 'step-intent').length === middle + 1,
    )
  },
  'after an apply': async () => {
    await mustSucceed(janus(...APPLY))
  },
  'in the middle of a rollback': async () => {
    await mustSucceed(janus(...APPLY))
    const paths = [`/sys/bus/pci/drivers/nvme/bind`]
    startHeldJanus(ROLLBACK, { calls: 'write', paths, microseconds: HELD })
    await journaled((_, orders) => orders.at(-1)?.change.path === paths[0])
  },
}

if (part === 'work') {
  await phases[phase]()
  marker('cut the power')
  await new Promise((resolve) => setTimeout(resolve, HELD / 1000))
} else await look()
finish()

/** After the reboot: the kernel knows nothing of what was done, and neither the journal nor Janus is in the way. */
async function look() {
  const before = await hostState()
  const title = `cut ${phase}`
  const history = await janusJson('history')
  const transactions = history.document?.data?.transactions ?? []
  const last = transactions.at(-1)
  check(
    `${title}: history reads the journal and lists the transaction as void`,
    history.exitCode === 0 && last?.state === 'void',
    history,
  )
  const status = await janusJson('status')
  check(`${title}: status is clean`, status.exitCode === 0 && status.document?.data?.clean === true, status)
  const recovered = await janusJson('recover', '--yes')
  const outcomes = (recovered.document?.data?.transactions ?? []).map(({ outcome }) => outcome)
  const wasOpen = phase !== 'after an apply'
  check(
    `${title}: recover has nothing to undo and says so`,
    recovered.exitCode === 0 && outcomes.join() === (wasOpen ? 'void' : ''),
    recovered,
  )
  check(`${title}: recover changes nothing`, Object.keys(differences(before, await hostState())).length === 0)
  const again = await janusJson('recover', '--yes')
  check(
    `${title}: a second recover finds nothing`,
    again.exitCode === 0 && again.document?.data?.transactions.length === 0,
    again,
  )
  const apply = await janusJson(...APPLY)
  check(`${title}: a new bind works`, apply.exitCode === 0 && apply.document?.data?.outcome === 'applied', apply)
  const rollback = await janusJson(...ROLLBACK)
  const changed = differences(before, await hostState())
  check(`${title}: and is rolled back`, rollback.exitCode === 0 && Object.keys(changed).length === 0, {
    rollback,
    changed,
  })
  const after = await janusJson('history')
  const states = (after.document?.data?.transactions ?? []).map(({ state }) => state)
  check(
    `${title}: history lists the old and the new`,
    states.length === transactions.length + 1 && states.at(-2) === 'void' && states.at(-1) === 'undone',
    states,
  )
}

/** A whole apply and its rollback, to know the orders; also the journal's first transaction. */
async function learnOrders() {
  await mustSucceed(janus(...APPLY))
  const orders = journaledOrders()
  await mustSucceed(janus(...ROLLBACK))
  return orders
}

async function journaled(holds) {
  const { journalRecords } = await import('./kit/janus.mjs')
  const probe = () =>
    holds(
      journalRecords().map(({ type }) => type),
      journaledOrders(),
    )
  const found = await waitFor(probe, { timeoutMs: 120_000, everyMs: 5 })
  if (!check(`${phase}: the moment to cut came`, found === true)) finish()
  // The record that was seen is in the page cache; the call that waits for the disk is given its time.
  await new Promise((resolve) => setTimeout(resolve, 500))
}

function since(types, type) {
  return types.slice(types.lastIndexOf(type))
}

async function mustSucceed(running) {
  const result = await running
  if (result.exitCode === 0) return
  check(`${phase}: the preparation succeeds`, false, result)
  finish()
}
