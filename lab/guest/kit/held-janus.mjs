import { existsSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { janusProgram, stateFolder } from './janus.mjs'
import { start } from './run.mjs'
import { waitFor } from './wait-for.mjs'

/**
 * Starts the CLI under strace, which holds one call at its entry: the `nth` of these system calls that a thread makes (on
 * these paths, if any are given), for so many microseconds. One thread in libuv's pool, because strace counts the calls of
 * each thread apart. `trace` is where strace writes what it saw.
 */
export function startHeldJanus(args, { calls, paths = [], nth = 1, microseconds, trace = '/dev/null' }) {
  const wanted = ['-f', '-y', '-qq', '--seccomp-bpf', ...paths.flatMap((path) => ['-P', path]), '-e', `trace=${calls}`]
  const inject = ['-e', `inject=${calls}:delay_enter=${microseconds}:when=${nth}`, '-e', 'signal=none', '-o', trace]
  const command = [...wanted, ...inject, process.execPath, janusProgram, ...args]
  return start('strace', command, { env: { UV_THREADPOOL_SIZE: '1' }, timeoutMs: 600_000 })
}

const NUMBERS = { write: '1', fsync: '74', rename: '82', mkdir: '83', rmdir: '84', unlink: '87' }
const LONG_STOP = 300

/** The call by which the hand carries out a change of a file or folder: one for each order. */
const FILE_CALLS = {
  'write-file': 'rename',
  'write-link': 'rename',
  'remove-file': 'unlink',
  'create-directory': 'mkdir',
  'remove-directory': 'rmdir',
}

/** Where a program that is named without its folder may be found. */
const PROGRAM_FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/**
 * Starts the CLI and waits until it is held at the entry of its nth call, which is then not made. `trace` is the file that
 * has the calls which strace saw. `held` is the CLI's pid, undefined when the moment never came; `isHit` says that exactly
 * the calls before it have been made, `hasEnded` that the CLI made fewer.
 */
export async function holdJanusAt(args, { call, paths, nth }) {
  const trace = '/run/held-janus'
  rmSync(trace, { force: true })
  // Through a pipe strace writes line by line; whoever holds a call that long does not wait for its end.
  const strace = startHeldJanus(args, { calls: call, paths, nth, microseconds: 300_000_000, trace: `|cat >${trace}` })
  // A call that is only slow, on a machine at its limits, is not the one that is held: those before it have been made.
  const made = () => callsMade(trace, call, threadsOf(strace)).length
  const ended = strace.ended.then(() => 'ended')
  const found = await Promise.race([heldIn(strace, call, () => made() === nth - 1), ended])
  const held = found === 'ended' ? undefined : found
  return { strace, held, isHit: held !== undefined && made() === nth - 1, hasEnded: found === 'ended', trace }
}

/**
 * Kills the CLI with SIGKILL at the entry of its nth call. Not by strace itself: the kernel drops a signal that is injected
 * where a seccomp filter stops, and without that filter every call of node is a stop.
 * Returns `{ hit, exitCode, calls }`: whether it was killed there, how it ended, and the calls that strace saw (`= ?`: not made).
 */
export async function killJanusAt(args, { call, paths, nth }) {
  const { strace, held, isHit, trace } = await holdJanusAt(args, { call, paths, nth })
  if (held) {
    process.kill(Number(held), 'SIGKILL')
    await waitFor(() => !isAlive(held), { everyMs: 5 })
    strace.signal('SIGKILL')
  }
  const { stdout, stderr, exitCode } = await strace.ended
  const hit = isHit && callsMade(trace, call, knownThreads.get(strace.pid)).length === nth - 1
  return { hit, exitCode, calls: callsSeen(trace, call), stdout, stderr }
}

function callsMade(file, call, threads) {
  return callsSeen(file, call).filter((line) => /\) += [^?]/.test(line) && threads.has(threadOf(line)))
}

function callsSeen(file, call) {
  return (
    text(file)
      .split('\n')
      // A call in whose midst another thread made one is told in two lines: the second has its result.
      .filter((line) => line.includes(`${call}(`) || line.includes(`<... ${call} resumed>`))
  )
}

const knownThreads = new Map()

/** The threads of the CLI itself: the hand and what it starts make calls of their own, which strace counts apart. */
function threadsOf(strace) {
  const known = knownThreads.get(strace.pid) ?? new Set()
  for (const pid of text(`/proc/${strace.pid}/task/${strace.pid}/children`).trim().split(' ')) {
    for (const thread of list(`/proc/${pid}/task`)) known.add(thread)
  }
  knownThreads.set(strace.pid, known)
  return known
}

/** How many of the fsyncs in a trace of a whole run Janus made: the threads that make its state durable, not the hand. */
export function ownFsyncs(file) {
  const lines = text(file)
    .split('\n')
    .filter((line) => /\bfsync\(\d/.test(line))
  const threads = new Set(lines.filter((line) => line.includes(`<${stateFolder}`)).map(threadOf))
  return lines.filter((line) => threads.has(threadOf(line))).length
}

function threadOf(line) {
  return /^\d+/.exec(line)?.[0]
}

/** Waits until the CLI that `startHeldJanus` started is held in this call; what it awaited before that is done. */
export function heldIn(strace, call, isTime = () => true) {
  const probe = () => isTime() && heldProcess(strace.pid, NUMBERS[call])
  // Looking costs the one processor of the guest what Janus needs to get there.
  return waitFor(probe, { timeoutMs: 180_000, everyMs: 60 })
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
  const { kind, command } = orders[at].change
  const before = orders.slice(0, at + 1)
  if (kind in FILE_CALLS) {
    const calls = FILE_CALLS[kind]
    return { calls, nth: before.filter(({ change }) => FILE_CALLS[change.kind] === calls).length }
  }
  if (kind === 'run-command') return { calls: 'execve', paths: programPaths(command) }
  if (kind !== 'write-attribute') return { calls: 'finit_module,init_module,delete_module' }
  const isWrite = ({ change }) => change.kind === 'write-attribute'
  const paths = [...new Set(orders.filter(isWrite).flatMap(({ change }) => [change.path, ...pathsToCome(change.path)]))]
  return { calls: 'write', paths, nth: before.filter(isWrite).length }
}

/**
 * strace follows links when it starts. A virtual function that an earlier order makes is not there then: it will be beside the
 * functions that are on its bus.
 */
function pathsToCome(path) {
  const [, address, attribute] = /^(?:\/sys\/bus\/pci\/devices\/)([^/]+)\/(.+)$/.exec(path) ?? []
  if (address === undefined || existsSync(path)) return []
  const bus = address.slice(0, address.lastIndexOf(':') + 1)
  const beside = list('/sys/bus/pci/devices').filter((name) => name.startsWith(bus))
  const folders = new Set(beside.map((name) => dirname(realpathSync(`/sys/bus/pci/devices/${name}`))))
  return [...folders].map((folder) => `${folder}/${address}/${attribute}`)
}

function programPaths(command) {
  return command.startsWith('/') ? [command] : PROGRAM_FOLDERS.map((folder) => `${folder}/${command}`)
}

/** Waits until the hand that was given an order is at it: in the call that carries it out, or waiting for its program. */
export async function isHandAtWork({ hand, change }) {
  const task = `/proc/${hand}/task/${hand}`
  const fileCall = NUMBERS[FILE_CALLS[change.kind]]
  const probe = () => {
    if (fileCall !== undefined) return text(`${task}/syscall`).startsWith(`${fileCall} `)
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
