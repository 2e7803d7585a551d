import type { LiveConditions } from '../mode/live-conditions.js'

/** A condition that holds the agent back. */
export type LiveCondition = keyof LiveConditions

/** What holds the agent back right now, kept by whoever finds it out. */
export interface LiveBoard {
  /** What holds; a member that does not is left out. */
  conditions(): LiveConditions
  /** @param because one sentence; undefined: it does not hold any more */
  set(condition: LiveCondition, because: string | undefined): void
}

/** A board with nothing on it. */
export function createLiveBoard(): LiveBoard {
  const board = new Map<LiveCondition, string>()
  return {
    conditions: () => Object.fromEntries(board),
    set: (condition, because) => {
      if (because === undefined) board.delete(condition)
      else board.set(condition, because)
    },
  }
}

/** Conditions of several sources together: each holds that holds in any of them, with the reason of the first. */
export function mergeConditions(...all: readonly LiveConditions[]): LiveConditions {
  const merged: Partial<Record<LiveCondition, string>> = {}
  for (const conditions of all)
    for (const [condition, because] of Object.entries(conditions) as [LiveCondition, string | undefined][])
      if (because !== undefined) merged[condition] ??= because
  return merged
}
