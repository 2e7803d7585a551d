import type { Operation, Wait } from '../file-tree/tree-node.js'

/** Kernel work under way. */
export interface Task<Value> {
  readonly done: boolean
  readonly value: Value | undefined
  /** Calls back when it ends, at once if it has. */
  onDone(callback: (value: Value) => void): void
}

/** Runs kernel work: each piece as far as it gets; what has to wait goes on when its turn comes. */
export interface Scheduler {
  start<Value>(operation: Operation<Value>): Task<Value>
  /** Lets everything that waits look again, in the order in which it began to wait. */
  settle(): void
}

interface Parked {
  readonly wait: Wait
  resume(): void
}

/** Makes a scheduler without work. */
export function createScheduler(): Scheduler {
  let parked: readonly Parked[] = []

  function settle(): void {
    for (;;) {
      const next = parked.find((entry) => entry.wait())
      if (next === undefined) return
      parked = parked.filter((entry) => entry !== next)
      next.resume()
    }
  }

  function start<Value>(operation: Operation<Value>): Task<Value> {
    const callbacks: ((value: Value) => void)[] = []
    let ended: { readonly value: Value } | undefined

    function advance(): void {
      for (;;) {
        const step = operation.next()
        if (step.done) {
          ended = { value: step.value }
          for (const callback of callbacks.splice(0)) callback(step.value)
          return
        }
        if (step.value()) continue
        parked = [...parked, { wait: step.value, resume: advance }]
        return
      }
    }

    advance()
    settle()
    return {
      get done() {
        return ended !== undefined
      },
      get value() {
        return ended?.value
      },
      onDone(callback) {
        if (ended === undefined) callbacks.push(callback)
        else callback(ended.value)
      },
    }
  }

  return { start, settle }
}
