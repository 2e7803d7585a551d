import { realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Executor } from '../contract/executor.js'
import type { Hand, HandAnswer, HandOrder, Machine } from '../contract/hand.js'
import type { Host, Reading } from '../contract/host.js'
import type { Query } from '../contract/query.js'
import { isProcessAlive } from '../state/process-identity.js'
import { HAND_SPENT } from './hand-words.js'
import { syncOutputs } from './sync-outputs.js'

/** What a live machine is made of. */
export interface LiveMachineOptions {
  /** Makes the host, given the reader for attributes that are known to hang. */
  createHost(readHanging: (path: string) => Promise<Reading<string>>): Host
  createQuery(host: Host): Query
  /** Milliseconds until a read counts as hung. */
  readDeadline: number
  /** Runs commands of plans for a root other than `/`. */
  executor?: Executor
}

type PathlessOrder = Extract<HandOrder, { kind: 'run-command' | 'load-kernel-module' | 'unload-kernel-module' }>

/** A machine with helper processes to let go of. */
export interface LiveMachine extends Machine {
  close(): Promise<void>
}

/**
 * The machine itself, or a tree of one: a host to read, and one hand for both the orders of transactions and the reads
 * that may hang. A hand that hung is given up and replaced.
 */
export function createLiveMachine(options: LiveMachineOptions): LiveMachine {
  let shared: Promise<Hand> | undefined
  const sharedHand = async (): Promise<Hand> => {
    for (let current = shared; current !== undefined; current = shared) {
      const hand = await current
      if (hand.spent !== true) return hand
      // Whoever comes first replaces it; those who waited beside take the new one.
      if (shared === current) shared = undefined
    }
    shared = import('./start-hand.js').then(({ startHand }) => startHand())
    return shared
  }
  const readHanging = async (path: string): Promise<Reading<string>> => {
    for (;;) {
      const hand = await sharedHand()
      const answer = await hand.perform({ kind: 'read-attribute', path }, options.readDeadline)
      // Waiting behind an order that hung says nothing about this attribute.
      if (answer.outcome !== 'failed' || answer.errno !== HAND_SPENT) return readingOf(answer)
    }
  }
  const host = options.createHost(readHanging)
  return {
    host,
    query: options.createQuery(host),
    isAlive: isProcessAlive,
    startHand: async () => rootedHand(await sharedHand(), host.root, options.executor),
    async close() {
      const hand = await shared
      shared = undefined
      await hand?.end()
    },
  }
}

function readingOf(answer: HandAnswer): Reading<string> {
  if (answer.outcome === 'done') return { value: answer.value ?? '' }
  if (answer.outcome === 'hung') return { unreadable: 'timeout' }
  if (answer.errno === 'ENOENT' || answer.errno === 'ENOTDIR' || answer.errno === 'ENODEV') return {}
  return { unreadable: answer.errno === 'EACCES' || answer.errno === 'EPERM' ? 'denied' : 'error' }
}

/** A hand whose paths lie in a root. The hand itself is shared, so ending it here would end it for the reads too. */
function rootedHand(hand: Hand, root: string, executor: Executor | undefined): Hand {
  return {
    pid: hand.pid,
    startTime: hand.startTime,
    get spent() {
      return hand.spent === true
    },
    async perform(order, deadline) {
      if (root === '/') return hand.perform(order, deadline)
      if ('path' in order) {
        const location = locateInRoot(root, order.path)
        return 'path' in location ? hand.perform({ ...order, path: location.path }, deadline) : location
      }
      const answer = await runInRoot(order, deadline, executor)
      const outputs = order.kind === 'run-command' && answer.outcome === 'done' ? order.outputs : undefined
      return syncInRoot(root, outputs ?? []) ?? answer
    },
    async end() {},
  }
}

/** Resolves the directory of a path within the root; a link that leads out of it is refused. */
function locateInRoot(root: string, path: string): { readonly path: string } | HandAnswer {
  try {
    const directory = realpathSync(join(root, dirname(path)))
    const realRoot = realpathSync(root)
    if (directory === realRoot || directory.startsWith(`${realRoot}/`)) return { path: join(directory, basename(path)) }
    return { outcome: 'failed', errno: 'EUNSAFE', message: `${path} leads out of the root ${root}` }
  } catch (error) {
    const { code = 'UNKNOWN', message } = error as NodeJS.ErrnoException
    return { outcome: 'failed', errno: code, message }
  }
}

/** @returns how it failed */
function syncInRoot(root: string, outputs: readonly string[]): HandAnswer | undefined {
  try {
    const places = outputs.map((path) => locateInRoot(root, path))
    syncOutputs(places.flatMap((place) => ('path' in place ? [place.path] : [])))
    return undefined
  } catch (error) {
    const { code = 'UNKNOWN', message } = error as NodeJS.ErrnoException
    return { outcome: 'failed', errno: code, message }
  }
}

async function runInRoot(order: PathlessOrder, timeout: number, executor: Executor | undefined): Promise<HandAnswer> {
  if (executor === undefined) {
    return {
      outcome: 'failed',
      errno: 'ENOEXECUTOR',
      message: 'commands and kernel modules of another root need an executor for it',
    }
  }
  const [command, args] = commandOf(order)
  const options =
    order.kind === 'run-command' ? { env: order.env, ...(order.input === undefined ? {} : { input: order.input }) } : {}
  const result = await executor.run(command, args, { timeout, ...options })
  if (result.timedOut) return { outcome: 'hung' }
  if (result.exitCode === 0) return { outcome: 'done' }
  return {
    outcome: 'failed',
    errno: 'EEXIT',
    message: `${command} ended with ${result.exitCode ?? result.signal}: ${result.stderr.trim()}`,
  }
}

function commandOf(order: PathlessOrder): readonly [string, readonly string[]] {
  if (order.kind === 'run-command') return [order.command, order.args]
  if (order.kind === 'unload-kernel-module') return ['rmmod', ['--', order.name]]
  const parameters = Object.entries(order.parameters).map(([name, value]) => `${name}=${value}`)
  return ['modprobe', ['--', order.name, ...parameters]]
}
