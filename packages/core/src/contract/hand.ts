import type { Host } from './host.js'
import type { Query } from './query.js'

/**
 * One order to the hand, the disposable process that is the only thing to touch the kernel. Values are complete: the
 * hand decides nothing.
 */
export type HandOrder =
  /** `open(O_WRONLY)`, one write, close. */
  | { readonly kind: 'write-attribute'; readonly path: string; readonly value: string }
  /** Reads an attribute that is known to hang. */
  | { readonly kind: 'read-attribute'; readonly path: string }
  | ({
      readonly kind: 'write-file'
      readonly path: string
      readonly mode: number
      readonly uid?: number
      readonly gid?: number
    } & HandContent)
  | { readonly kind: 'write-link'; readonly path: string; readonly target: string }
  | { readonly kind: 'remove-file'; readonly path: string }
  | {
      readonly kind: 'create-directory'
      readonly path: string
      readonly mode: number
      readonly uid?: number
      readonly gid?: number
    }
  /** With `tasksTo`, a cgroup, the tasks that are in the one to remove go there first. */
  | { readonly kind: 'remove-directory'; readonly path: string; readonly tasksTo?: string }
  | {
      readonly kind: 'load-kernel-module'
      readonly name: string
      readonly parameters: Readonly<Record<string, string>>
    }
  | { readonly kind: 'unload-kernel-module'; readonly name: string }
  | {
      readonly kind: 'run-command'
      readonly command: string
      readonly args: readonly string[]
      readonly env: Readonly<Record<string, string>>
      readonly input?: string
      readonly timeout: number
      /** Files it rewrites: made durable, with their directories, before the answer. */
      readonly outputs?: readonly string[]
    }

/** Bytes for a file: given with the order, or copied by the hand from a file of the store, which must have this SHA-256. */
export type HandContent = { readonly base64: string } | { readonly stored: string; readonly sha256: string }

/** How an order ended. `hung`: the deadline passed, the hand is given up and may still be in the kernel. */
export type HandAnswer =
  | { readonly outcome: 'done'; readonly value?: string }
  | { readonly outcome: 'failed'; readonly errno: string; readonly message: string }
  | { readonly outcome: 'hung' }

/** A process identified so that a reused process id is not mistaken for it. */
export interface ProcessIdentity {
  readonly pid: number
  /** Field 22 of `/proc/<pid>/stat`: clock ticks since boot. */
  readonly startTime: string
}

/** A running hand: takes one order at a time, ends at end-of-file, starts nothing once its parent is gone. */
export interface Hand extends ProcessIdentity {
  /** True once an order or a read hung: it takes no further order, another hand must be started. */
  readonly spent?: boolean
  /**
   * Performs one order.
   * @param deadline milliseconds until it counts as hung; a hung hand takes no further order
   */
  perform(order: HandOrder, deadline: number): Promise<HandAnswer>
  /** Closes its input. Does not wait for a hand that is stuck in the kernel. */
  end(): Promise<void>
}

/**
 * What a transaction acts on: a host to read, and hands to touch it with. The model in `testing` is one, the machine is the other.
 */
export interface Machine {
  readonly host: Host
  readonly query: Query
  startHand(): Promise<Hand>
  /** True while this very process exists. */
  isAlive(process: ProcessIdentity): Promise<boolean>
}
