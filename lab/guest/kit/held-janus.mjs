import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { janusProgram } from './janus.mjs'
import { start } from './run.mjs'
import { waitFor } from './wait-for.mjs'

/**
 * Starts the CLI under strace, which holds one call at its entry: the `nth` of these system calls that a thread makes (on
 * these paths, if any are given), for so many microseconds. One thread in libuv's pool, because strace counts the calls of
 * each thread apart. `trace` is where strace writes what it saw.
 */
export function startHeldJanus(args, { calls, paths = [], nth = 1, microseconds, trace = '/dev/null' }) {
  const wanted = ['-f', '-qq', '--seccomp-bpf', ...paths.flatMap((path) => ['-P', path]), '-e', `trace=${calls}`]
  const inject = ['-e', `inject=${calls}:delay_enter=${microseconds}:when=${nth}`, '-e', 'signal=none', '-o', trace]
  const command = [...wanted, ...inject, process.execPath, janusProgram, ...args]
  return start('strace', command, { env: { UV_THREADPOOL_SIZE: '1' }, timeoutMs: 240_000 })
}

const NUMBERS = { write: '1', fsync: '74' }
const LONG_STOP = 300

/**
 * Kills the CLI with SIGKILL at the entry of its nth call, which is then not made. Not by strace itself: the kernel drops
 * a signal that is injected where a seccomp filter stops, and without that filter every call of node is a stop.
 * Returns `{ hit, calls }`: whether it was killed there, and the calls that strace saw (`= ?`: not made).
 */
export async function killJanusAt(args, { call, paths, nth }) {
  const file = '/run/killed-janus'
  rmSync(file, { force: true })
  // Through a pipe strace writes line by line; it is killed too, because it would sit out the time that it holds the call.
  const trace = `|cat >${file}`
  const strace = startHeldJanus(args, { calls: call, paths, nth, microseconds: 120_000_000, trace })
  // A call that is only slow, on a machine at its limits, is not the one that is held: those before it have been made.
  const held = await heldIn(strace, call, () => callsMade(file, call).length === nth - 1)
  if (held) {
    process.kill(Number(held), 'SIGKILL')
    await waitFor(() => !isAlive(held), { everyMs: 5 })
    strace.signal('SIGKILL')
  }
  const { stdout, stderr } = await strace.ended
  const hit = held !== undefined && callsMade(file, call).length === nth - 1
  return { hit, calls: callsSeen(file, call), stdout, stderr }
}

function callsMade(file, call) {
  return callsSeen(file, call).filter((line) => /\) += [^?]/.test(line))
}

function callsSeen(file, call) {
  const lines = text(file).split('\n')
  return lines.filter((line) => line.includes(`${call}(`))
}

/** Waits until the CLI that `startHeldJanus` started is held in this call; what it awaited before that is done. */
export function heldIn(strace, call, isTime = () => true) {
  const probe = () => isTime() && heldProcess(strace.pid, NUMBERS[call])
  return waitFor(probe, { timeoutMs: 120_000, everyMs: 20 })
}

const stops = new Map()

/** The process of this strace that has had a thread stopped at the entry of the call for a while: the CLI. */
function heldProcess(strace, number) {
  const children = text(`/proc/${strace}/task/${strace}/children`).trim().split(' ')
  return children.find((pid) =>
    list(`/proc/${pid}/task`).some((thread) => isHeld(`/proc/${pid}/task/${thread}`, number)),
  )
}

function isHeld(task, number) {
  const call = text(`${task}/syscall`)
  const known = stops.get(task)
  if (!call.startsWith(`${number} `) || !/\) t /.test(text(`${task}/stat`))) stops.delete(task)
  else if (known?.call !== call) stops.set(task, { call, since: performance.now() })
  else return performance.now() - known.since > LONG_STOP
  return false
}

/** What `startHeldJanus` needs to hold the hand in one of these orders (`journaledOrders` of a run to the end). */
export function callOfOrder(orders, at) {
  if (orders[at].change.kind !== 'write-attribute') return { calls: 'finit_module,init_module,delete_module' }
  const isWrite = ({ change }) => change.kind === 'write-attribute'
  const paths = [...new Set(orders.filter(isWrite).map(({ change }) => change.path))]
  return { calls: 'write', paths, nth: orders.slice(0, at + 1).filter(isWrite).length }
}

/** Waits until the hand that was given an order is at it: in its write to the attribute, or waiting for its program. */
export async function isHandAtWork({ hand, change }) {
  const task = `/proc/${hand}/task/${hand}`
  const probe = () => {
    if (change.kind !== 'write-attribute') return text(`${task}/children`).trim() !== ''
    // The call is write, and its descriptor not the pipe to the parent. A task that runs tells neither.
    const [call, descriptor] = text(`${task}/syscall`).split(' ')
    return call === '1' && descriptor !== '0x1'
  }
  return (await waitFor(probe, { everyMs: 5 })) === true
}

/** True while a process is there and no zombie. */
export function isAlive(pid) {
  const stat = text(`/proc/${pid}/stat`)
  return stat !== '' && !/^\d+ \(.*\) [ZX]/.test(stat)
}

function text(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function list(folder) {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
