import type { HandAnswer, HandOrder } from '../../contract/hand.js'

/** Ways for a test to see and to disturb the orders that hands get. */
export interface OrderHooks {
  /** Every order a hand got, refused ones included. */
  readonly orders: readonly HandOrder[]
  /**
   * The next order about this fails, and changes nothing.
   * @param pattern the path, `module:<name>` or `command:<name>`: equal to the text, or matching
   */
  failNext(pattern: string | RegExp, errno: string): void
  /** Calls back right before each order is carried out, with its number from 1: the place for somebody else to interfere. */
  onOrder(listener: (order: HandOrder, number: number) => void): void
  /** Counts the order and tells the listeners; an answer when it is one that has to fail. */
  refusalOf(order: HandOrder): HandAnswer | undefined
}

/** Makes hooks that disturb nothing yet. */
export function createOrderHooks(): OrderHooks {
  const orders: HandOrder[] = []
  const listeners: ((order: HandOrder, number: number) => void)[] = []
  const failures: { readonly pattern: string | RegExp; readonly errno: string }[] = []
  return {
    orders,
    failNext(pattern, errno) {
      failures.push({ pattern, errno })
    },
    onOrder(listener) {
      listeners.push(listener)
    },
    refusalOf(order) {
      orders.push(order)
      for (const listener of listeners) listener(order, orders.length)
      const subject = subjectOf(order)
      const index = failures.findIndex(({ pattern }) =>
        typeof pattern === 'string' ? pattern === subject : subject.search(pattern) !== -1,
      )
      if (index === -1) return undefined
      const [{ errno } = { errno: 'EIO' }] = failures.splice(index, 1)
      return { outcome: 'failed', errno, message: `${errno}, because the test said so` }
    },
  }
}

function subjectOf(order: HandOrder): string {
  switch (order.kind) {
    case 'load-kernel-module':
    case 'unload-kernel-module':
      return `module:${order.name}`
    case 'run-command':
      return `command:${order.command}`
    default:
      return order.path
  }
}
