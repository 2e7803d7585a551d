import type { ChildProcess } from 'node:child_process'
import { chmodSync, closeSync, constants, openSync, utimesSync, writeFileSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import { signalGroup } from '../executor/process-group.js'
import { type CurrentLaunch, currentLaunch, type Launch, openInput } from './current-launch.js'
import { holdMounts } from './hold-mounts.js'
import { LAUNCHER_FILES, type LauncherCommand, NO_INPUT, STREAM_MODES } from './launcher-command.js'
import { sandboxFailure } from './probe-sandbox.js'
import { childrenOf, isRunning, programOf } from './read-status.js'
import { readableAt, spawnMasked } from './run-sandboxed.js'
import { SANDBOX_DESCRIPTORS } from './sandbox-arguments.js'

/** A process that starts one program after the other, in its own view of the mounts and its own namespace of processes, and ends with this process. */
export interface Launcher {
  /** Its number on the host: whatever it starts ends with it (pid_namespaces(7)). */
  readonly pid: number
  /** What waits to become the next program, or its bubblewrap, on the host. */
  waiting(): number
  /** Its files, through a descriptor of ours; they are gone when it has ended and this is closed. */
  readonly directory: string
  /** Writes one of its files. @throws the errno error of it */
  write(name: string, content: string | Uint8Array): void
  /** Makes the next program known, which is not there before it was told to go. Once until {@link renew}. */
  launch(input: string | Uint8Array | undefined): Launch
  /**
   * Makes ready for another program.
   * @returns false when that cannot be: it has ended, nothing was launched, or something of the last one is still there
   */
  renew(): Promise<boolean>
  /** False once it has ended, whoever ended it. */
  isThere(): boolean
  ref(): void
  unref(): void
  /** Ends it, and all that it started. Safe to call twice. */
  close(): void
}

const PARKING_DEADLINE = 20_000
const DRAIN = 300
/** Milliseconds that the last process of a program has to go. */
const LONGEST_LEAVING = 1_000
/** Milliseconds that the launcher has to wait for the next program. */
const LONGEST_PARKING = 2_000
const POLL = 2
const MOST_SAID = 4096
const PIPES = [0, 2, SANDBOX_DESCRIPTORS.status, SANDBOX_DESCRIPTORS.launch]

/**
 * Starts a launcher and waits until it is there.
 * @throws JANUS_SANDBOX_UNAVAILABLE with what it said
 */
export async function startLauncher({ command, args, stage }: LauncherCommand): Promise<Launcher> {
  const child = await spawnMasked(command, args, { pipes: PIPES, identity: undefined })
  const said = readableAt(child, SANDBOX_DESCRIPTORS.status).setEncoding('utf8')
  said.on('error', () => undefined)
  await parked(child, said)
  const pid = programOf(child.pid ?? 0) ?? 0
  const waiting = programOf(pid) ?? 0
  let directory: number
  try {
    const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants
    directory = openSync(`/proc/${pid}/root${stage}`, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  } catch (cause) {
    kill(child)
    throw cause
  }
  return launcherOf({ child, said, pid, waiting }, directory)
}

interface Started {
  readonly child: ChildProcess
  readonly said: Readable
  readonly pid: number
  readonly waiting: number
}

function launcherOf({ child, said, pid, waiting: first }: Started, directory: number): Launcher {
  const files = `/proc/self/fd/${directory}`
  const orders = (child.stdio as readonly unknown[])[SANDBOX_DESCRIPTORS.launch] as Writable
  orders.on('error', () => undefined)
  const releaseMounts = holdMounts(pid)
  let waiting = first
  let current: CurrentLaunch | undefined
  let onParked: (() => void) | undefined
  let isGone = false
  said.on('data', (text: string) => {
    current?.take(text)
    if (text.includes('"parked"')) onParked?.()
  })
  said.once('close', () => current?.endSaid())
  child.once('exit', () => {
    isGone = true
    onParked?.()
    current?.end(child.signalCode !== null)
  })
  let isOpen = true
  // It may have ended before we hear of it.
  const isThere = (): boolean => !isGone && isOpen && isRunning(pid) && isRunning(waiting)
  const hold = (isHeld: boolean): void => {
    const verb = isHeld ? 'ref' : 'unref'
    child[verb]()
    for (const pipe of [said, orders] as readonly { ref?(): void; unref?(): void }[]) pipe[verb]?.()
  }
  return {
    pid,
    waiting: () => waiting,
    directory: files,
    write: (name, content) => writeFileSync(`${files}/${name}`, content),
    launch(input) {
      current = currentLaunch(files, waiting, () => kill(child))
      // Nobody tells it any more.
      if (isGone) current.end(true)
      const { program, status, hold: holdUsers } = current
      const giveInput = input === undefined ? undefined : openInput(`${files}/${LAUNCHER_FILES.input}`, input, current)
      return {
        program,
        status,
        hold: holdUsers,
        go(users) {
          orders.write(`${giveInput === undefined ? NO_INPUT : LAUNCHER_FILES.input} ${users}\n`)
          giveInput?.()
        },
      }
    },
    async renew() {
      const isUsable = (): boolean => !isGone && isOpen && current?.wasReported() === true
      const [soon, until] = [performance.now() + POLL, performance.now() + LONGEST_LEAVING]
      while (isUsable() && childrenOf(pid)?.length !== 0 && performance.now() < until)
        await (performance.now() < soon ? nextTurn() : delay(POLL))
      if (!isUsable() || childrenOf(pid)?.length !== 0) return false
      current = undefined
      renewStreams(files)
      const isParked = new Promise<boolean>((resolve) => {
        onParked = () => resolve(true)
      })
      orders.write('next\n')
      // It may have been stopped, or there is no room for another process.
      if (!(await within(LONGEST_PARKING, isParked))) return false
      waiting = programOf(pid) ?? 0
      return isThere()
    },
    isThere,
    ref: () => hold(true),
    unref: () => hold(false),
    close() {
      if (!isOpen) return
      isOpen = false
      kill(child)
      closeSync(directory)
      releaseMounts()
    },
  }
}

async function parked(child: ChildProcess, said: Readable): Promise<void> {
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (stderr.length < MOST_SAID) stderr += text
  })
  child.stdin?.on('error', () => undefined).destroy()
  const ready = await within(
    PARKING_DEADLINE,
    new Promise<boolean>((resolve) => {
      said.once('data', () => resolve(true))
      child.once('exit', () => resolve(false))
    }),
  )
  if (ready) {
    child.stderr?.destroy()
    return
  }
  const timedOut = child.exitCode === null
  if (child.stderr !== null && !child.stderr.readableEnded) {
    const ended = new Promise((resolve) => child.stderr?.once('end', resolve))
    if (timedOut) signalOf(child)
    await Promise.race([ended, delay(DRAIN, undefined, { ref: false })])
  }
  kill(child)
  throw sandboxFailure({ stderr, timedOut })
}

/** False when it takes longer than these milliseconds. */
async function within(milliseconds: number, happened: Promise<boolean>): Promise<boolean> {
  const timeout = new AbortController()
  const late = delay(milliseconds, false, { signal: timeout.signal, ref: false }).catch(() => false)
  const answer = await Promise.race([happened, late])
  timeout.abort()
  return answer
}

/** A program that runs as their owner could leave word in them to the next. */
function renewStreams(files: string): void {
  for (const [name, mode] of Object.entries(STREAM_MODES)) {
    chmodSync(`${files}/${name}`, mode)
    utimesSync(`${files}/${name}`, 0, 0)
  }
}

/** Its group is its own, and it is ours to reap: its number is nobody else's as long as that. */
function signalOf(child: ChildProcess): void {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) signalGroup(child.pid, 'SIGKILL')
}

function kill(child: ChildProcess): void {
  signalOf(child)
  for (const stream of child.stdio) stream?.destroy()
}
