// Kills the unmodified CLI at every fsync and at every order of its hand, recovers, and compares the host with before and after.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { check, device, differences, finish, hostState, janus, janusJson, janusProgram, note, run, start, value } from './kit.mjs'

const [target, selection = 'all'] = process.argv.slice(2)
const JOURNAL = '/var/lib/janus/journal.jsonl'
const APPLY = ['bind', '--device', target, '--apply', '--yes']
const ROLLBACK = ['rollback', '--last', '--yes']
const ATTRIBUTES = [
  `/sys/bus/pci/devices/${target}/driver_override`,
  `/sys/bus/pci/drivers/${device(target).driver}/unbind`,
  `/sys/bus/pci/drivers/${device(target).driver}/bind`,
  '/sys/bus/pci/drivers/vfio-pci/bind',
  '/sys/bus/pci/drivers/vfio-pci/unbind',
]
const endings = { apply: new Set(), rollback: new Set() }
const points = []

const before = await hostState()
await mustSucceed(janus(...APPLY))
const planned = await hostState()
await mustSucceed(janus(...ROLLBACK))
check('an apply and a rollback lead back to before', equal(before, await hostState()), differences(before, await hostState()))

for (const [phase, args] of [['apply', APPLY], ['rollback', ROLLBACK]]) {
  const { fsyncs, orders } = await enumerate(phase, args)
  note(`${phase}: ${fsyncs} fsyncs, ${orders} orders`)
  for (const at of chosen(fsyncs)) await crash(phase, `fsync ${at} of ${fsyncs}`, () => killAtFsync(args, at))
  for (const at of chosen(orders)) await crash(phase, `order ${at} of ${orders}`, () => killAtOrder(args, at))
}
for (const phase of ['apply', 'rollback']) {
  check(`${phase}: both end states occur`, endings[phase].size === 2 || selection !== 'all', [...endings[phase]])
}
value('points', points)
finish()

/** What there is to hit: one run to the end, counted by strace and by the journal. */
async function enumerate(phase, args) {
  await prepare(phase)
  const from = intents()
  const trace = '/run/crash-enumerate'
  const result = await run('strace', [...STRACE, '-e', 'trace=fsync', '-o', trace, process.execPath, janusProgram, ...args], WITH_ONE_THREAD)
  check(`${phase}: runs to its end under strace`, result.exitCode === 0, result)
  const fsyncs = readFileSync(trace, 'utf8').split('\n').filter((line) => line.includes('fsync(')).length
  return { fsyncs, orders: intents() - from }
}

async function crash(phase, point, kill) {
  await prepare(phase)
  const killed = await kill()
  const recovered = await janusJson('recover', '--yes')
  const state = await hostState()
  const ending = equal(state, before) ? 'before' : equal(state, planned) ? 'planned' : 'neither'
  endings[phase].add(ending)
  points.push({ phase, point, killed: killed.signal ?? killed.exitCode, ending })
  check(`${phase}, ${point}: killed by SIGKILL`, killed.signal === 'SIGKILL' || killed.exitCode === 137, killed)
  check(`${phase}, ${point}: recover ends in before or planned`, recovered.exitCode === 0 && ending !== 'neither', {
    recovered,
    difference: differences(before, state),
  })
}

/** Every run begins as the phase wants it: bound for a rollback, not bound for an apply, nothing interrupted. */
async function prepare(phase) {
  const { document } = await janusJson('history')
  const open = (document?.data?.transactions ?? []).some((transaction) => transaction.canRollBack)
  if (open) await mustSucceed(janus(...ROLLBACK))
  if (phase === 'rollback') await mustSucceed(janus(...APPLY))
}

// One thread in libuv's pool, because strace counts the calls of each thread apart.
const WITH_ONE_THREAD = { env: { UV_THREADPOOL_SIZE: '1' }, timeoutMs: 180_000 }
const STRACE = ['-f', '--seccomp-bpf', '-qq']

function killAtFsync(args, at) {
  const inject = ['-e', 'trace=fsync', '-e', `inject=fsync:signal=KILL:when=${at}`, '-o', '/dev/null']
  return run('strace', [...STRACE, ...inject, process.execPath, janusProgram, ...args], WITH_ONE_THREAD)
}

/** The hand is slowed down in its write, so that it is alive and at work when its parent dies. */
async function killAtOrder(args, at) {
  const from = intents()
  const slow = ATTRIBUTES.flatMap((path) => ['-P', path])
  const inject = ['-e', 'trace=write', '-e', 'inject=write:delay_enter=400000', '-o', '/dev/null']
  const running = start('strace', [...STRACE, ...slow, ...inject, process.execPath, janusProgram, ...args], WITH_ONE_THREAD)
  while (intents() - from < at) await new Promise((resolve) => setTimeout(resolve, 2))
  const pid = lastProcess()
  process.kill(pid, 'SIGKILL')
  return running.ended
}

function intents() {
  return journal().filter(({ type }) => type === 'step-intent' || type === 'undo-intent').length
}

/** The process that the newest transaction, or its undo, says works on it. */
function lastProcess() {
  return journal().findLast(({ payload }) => payload?.process !== undefined).payload.process.pid
}

function journal() {
  if (!existsSync(JOURNAL)) return []
  return readFileSync(JOURNAL, 'utf8').split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line)]
    } catch {
      return []
    }
  })
}

function chosen(count) {
  const all = Array.from({ length: count }, (_, index) => index + 1)
  if (selection === 'all') return all
  return [...new Set([1, Math.ceil(count / 2), count])]
}

async function mustSucceed(running) {
  const result = await running
  if (result.exitCode === 0) return
  check('the preparation succeeds', false, result)
  finish()
}

function equal(left, right) {
  return JSON.stringify(left) === JSON.stringify(right)
}
