import type { Hand, HandAnswer, HandOrder, Machine, ProcessIdentity } from '../../contract/hand.js'
import type { Host } from '../../contract/host.js'
import type { Query } from '../../contract/query.js'
import type { Task } from './scheduler.js'

/** What hands and their parents need of the model around them. */
export interface ModelSurroundings {
  readonly host: Host
  readonly query: Query
  readonly hangs: 'at-once' | 'after-deadline'
  /** Starts an order; called only for a hand and a parent that are alive. */
  begin(order: HandOrder): Task<HandAnswer>
  /** Called before and after each order; true ends the parent right there. */
  parentDies(moment: 'before' | 'after'): boolean
  nextIdentity(): ProcessIdentity
}

/** The process that uses the machine: when it dies, nothing it waits for ever comes. */
export interface ModelProcess {
  readonly machine: Machine
  readonly alive: boolean
  /** Ends it as SIGKILL does; its idle hands end with it, a hand in the kernel stays. */
  kill(): void
  /** Ends its hands as SIGKILL does; one in the kernel stays alive until the kernel lets go. */
  killHands(): void
  /** Processes that still exist. */
  handsAlive(): readonly ProcessIdentity[]
}

interface HandState {
  readonly identity: ProcessIdentity
  killed: boolean
  spent: boolean
  task: Task<HandAnswer> | undefined
}

/**
 * Makes a process over the model.
 * @param hands every hand of the model by process id: they outlive the process
 * @param onDeath called once when it dies
 */
export function createModelProcess(
  around: ModelSurroundings,
  hands: Map<number, HandState>,
  onDeath: () => void,
): ModelProcess {
  const own: HandState[] = []
  let alive = true

  function kill(): void {
    if (!alive) return
    alive = false
    for (const hand of own) hand.killed = true
    onDeath()
  }

  /** Nothing comes back to a process that is dead. */
  async function forTheLiving<Value>(work: () => Value | Promise<Value>): Promise<Value> {
    if (!alive) return never()
    const value = await work()
    return alive ? value : never()
  }

  function perform(hand: HandState, order: HandOrder, deadline: number): HandAnswer | Promise<HandAnswer> {
    if (hand.killed || hand.spent)
      return { outcome: 'failed', errno: 'EHAND', message: 'the hand takes no further order' }
    if (around.parentDies('before')) {
      kill()
      return never()
    }
    const task = around.begin(order)
    if (!task.done) hand.task = task
    if (around.parentDies('after')) {
      kill()
      return never()
    }
    return task.value ?? awaitTask(around, hand, task, deadline)
  }

  function startHand(): Hand {
    const hand: HandState = { identity: around.nextIdentity(), killed: false, spent: false, task: undefined }
    own.push(hand)
    hands.set(hand.identity.pid, hand)
    return {
      ...hand.identity,
      get spent() {
        return hand.spent || hand.killed
      },
      perform: (order, deadline) => forTheLiving(() => perform(hand, order, deadline)),
      end: () =>
        forTheLiving(() => {
          hand.killed = true
        }),
    }
  }

  return {
    machine: {
      host: hostOfProcess(around.host, forTheLiving),
      query: (name, input) => forTheLiving(() => around.query(name, input)),
      startHand: () => forTheLiving(startHand),
      isAlive: (process) => forTheLiving(() => isAlive(hands, process)),
    },
    get alive() {
      return alive
    },
    kill,
    killHands() {
      for (const hand of own) hand.killed = true
    },
    handsAlive: () => own.map((hand) => hand.identity).filter((identity) => isAlive(hands, identity)),
  }
}

export type { HandState }

function awaitTask(
  around: ModelSurroundings,
  hand: HandState,
  task: Task<HandAnswer>,
  deadline: number,
): HandAnswer | Promise<HandAnswer> {
  const hung = (): HandAnswer => {
    hand.spent = true
    return { outcome: 'hung' }
  }
  if (around.hangs === 'at-once') return hung()
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(hung()), deadline)
    task.onDone((answer) => {
      clearTimeout(timer)
      hand.task = undefined
      resolve(answer)
    })
  })
}

/** A killed hand that is in the kernel is there until the kernel lets go. */
function isAlive(hands: ReadonlyMap<number, HandState>, { pid, startTime }: ProcessIdentity): boolean {
  const hand = hands.get(pid)
  if (hand === undefined || hand.identity.startTime !== startTime) return false
  return !hand.killed || (hand.task !== undefined && !hand.task.done)
}

function hostOfProcess(host: Host, forTheLiving: <Value>(work: () => Promise<Value>) => Promise<Value>): Host {
  return {
    kind: host.kind,
    root: host.root,
    description: host.description,
    readText: (path) => forTheLiving(() => host.readText(path)),
    readBytes: (path) => forTheLiving(() => host.readBytes(path)),
    readPieces: (path) => forTheLiving(() => host.readPieces(path)),
    readLinkText: (path) => forTheLiving(() => host.readLinkText(path)),
    readLink: (path) => forTheLiving(() => host.readLink(path)),
    list: (path) => forTheLiving(() => host.list(path)),
    exists: (path) => forTheLiving(() => host.exists(path)),
    stat: (path) => forTheLiving(() => host.stat(path)),
  }
}

function never<Value>(): Promise<Value> {
  return new Promise(() => {})
}
