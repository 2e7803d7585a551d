import type { UndoChange } from '../contract/change.js'
import type { Deadlines } from '../contract/janus.js'

/** Milliseconds until the order for a change counts as hung: what every order is given, and what the change itself says it may take. */
export function orderDeadline({ order }: Pick<Required<Deadlines>, 'order'>, change: UndoChange): number {
  return order + ('timeout' in change ? (change.timeout ?? 0) : 0)
}
