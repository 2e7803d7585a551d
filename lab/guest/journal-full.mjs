// The journal's file system is full at every point of an apply in turn: what could not be announced is not done.
import { mkdirSync, readdirSync, rmSync, statfsSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { journaledOrders, journalRecords, sameState, stateFolder } from './kit/janus.mjs'
import { check, differences, finish, hostState, janus, janusJson, note, run } from './kit.mjs'

const [target] = process.argv.slice(2)
const APPLY = ['bind', '--device', target, '--apply', '--yes', '--json']
const IMAGE = '/dev/janus/state'
const BLOCK = 1024
const FILLER = `${stateFolder}/filler`

const before = await hostState()
const { bytes, orders } = await learnSize()
const seen = new Set()
// From nothing at all to all but the last record; a block at a time, because a file system gives no less.
for (let room = 0; room < bytes + 2 * BLOCK; room += BLOCK) await fullAfter(room)
check(
  'the journal was full before the first step and in the middle of the steps',
  seen.has(0) && [...seen].some((count) => count > 0),
  [...seen],
)
await fullRollback()
finish()

/** How much an apply writes, on the same file system with room enough. */
async function learnSize() {
  await freshFileSystem()
  const free = available()
  const result = await janus(...APPLY)
  if (!check('an apply runs to its end with room enough', result.exitCode === 0, result)) finish()
  const orders = journaledOrders()
  const bytes = free - available()
  await mustSucceed(janus('rollback', '--last', '--yes'))
  note(`an apply needs ${bytes} bytes of the file system`)
  return { bytes, orders }
}

async function fullAfter(room) {
  const title = `room for ${room} bytes`
  await freshFileSystem()
  fillUpTo(room)
  const result = await janusJson(...APPLY.slice(0, -1))
  const announced = journaledOrders()
  const types = journalRecords().map(({ type }) => type)
  if (result.exitCode === 0) {
    check(`${title}: the apply is complete`, types.at(-1) === 'transaction-applied', types)
    // What an undo writes into the journal needs room of its own.
    rmSync(FILLER, { force: true })
    await mustSucceed(janus('rollback', '--last', '--yes'))
    return
  }
  seen.add(announced.length)
  const codes = (result.document?.diagnostics ?? []).map(({ code }) => code)
  const isSaid = codes.some((code) => ['JANUS_LEDGER_WRITE_FAILED', 'JANUS_STATE_WRITE_FAILED'].includes(code))
  check(
    `${title}: the apply fails with exit code 2 and says that the journal cannot be written`,
    result.exitCode === 2 && isSaid,
    result,
  )
  const reached = await hostState()
  check(`${title}: no step was taken that is not announced`, stepsTaken(reached) <= announced.length, {
    announced: announced.length,
    of: orders.length,
    reached: reached.devices[target],
  })
  rmSync(FILLER, { force: true })
  const recovered = await janusJson('recover', '--yes')
  const state = await hostState()
  check(`${title}: once there is room recover leads to before`, recovered.exitCode === 0 && sameState(before, state), {
    recovered,
    difference: differences(before, state),
  })
  note(`${title}: stopped after ${announced.length} announced steps`)
}

/** A rollback whose journal is full from the beginning touches nothing; with room again it does its work. */
async function fullRollback() {
  await freshFileSystem()
  await mustSucceed(janus(...APPLY))
  const planned = await hostState()
  fillUpTo(0)
  const result = await janusJson('rollback', '--last', '--yes')
  check('full at a rollback: it fails with exit code 2', result.exitCode === 2, result)
  const same = sameState(planned, await hostState())
  check('full at a rollback: nothing is touched', same, differences(planned, await hostState()))
  // Its first record may fit into the last block of the journal; then it has begun, and recovery ends it.
  const status = await janusJson('status')
  const [{ state: found } = {}] = status.document?.data?.transactions ?? []
  check('full at a rollback: status still answers', ['applied', 'interrupted'].includes(found), status)
  rmSync(FILLER, { force: true })
  const again = await janusJson(...(found === 'interrupted' ? ['recover'] : ['rollback', '--last']), '--yes')
  const state = await hostState()
  check('full at a rollback: with room again it leads to before', again.exitCode === 0 && sameState(before, state), {
    again,
    difference: differences(before, state),
  })
}

/** How many steps of a plan (load, override, unbind, bind) the host shows. */
function stepsTaken({ devices, modules }) {
  const { driver, override } = devices[target]
  if (driver === 'vfio-pci') return 4
  if (driver === null) return 3
  if (override === 'vfio-pci\n') return 2
  return modules.includes('vfio_pci') ? 1 : 0
}

async function freshFileSystem() {
  await run('umount', [stateFolder])
  mkdirSync(stateFolder, { recursive: true })
  await mustSucceed(run('mkfs.ext4', ['-q', '-F', '-b', '1024', '-N', '64', '-m', '0', IMAGE]))
  await mustSucceed(run('mount', [IMAGE, stateFolder]))
  await mustSucceed(run('chmod', ['750', stateFolder]))
}

function available() {
  const { bavail, bsize } = statfsSync(stateFolder)
  return bavail * bsize
}

function fillUpTo(room) {
  for (let at = 0; available() > room && at < 20; at += 1) {
    try {
      writeFileSync(FILLER, Buffer.alloc(available() - room, 1), { flag: 'a' })
    } catch {
      // What the filler's own index needs is not known beforehand: too much is given back below.
    }
  }
  for (let { size } = statSync(FILLER); available() < room && size > 0; size -= BLOCK)
    truncateSync(FILLER, size - BLOCK)
  note(`filled: ${available()} bytes are left; ${readdirSync(stateFolder).join(' ')}`)
}

async function mustSucceed(running) {
  const result = await running
  if (result.exitCode === 0) return
  check('the preparation succeeds', false, result)
  finish()
}
