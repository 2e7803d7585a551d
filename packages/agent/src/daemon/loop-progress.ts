import type { Clock } from '../contract/clock.js'
import type { LoopState } from '../contract/daemon.js'
import type { DaemonLoop } from './daemon-loop.js'

/** Which loops go round. */
export interface LoopProgress {
  completed(name: string): void
  failed(name: string, because: string): void
  /** Names of the loops that have completed no round for longer than they may. */
  stuck(): readonly string[]
  states(): readonly LoopState[]
}

const LONGEST = 60_000
/** A machine under load is late without standing still. */
const LATE = 30_000

/** Follows loops on the monotonic clock. Each begins as if it had just completed a round. */
export function createLoopProgress(loops: readonly DaemonLoop[], clock: Pick<Clock, 'monotonic'>): LoopProgress {
  const known = new Map(
    loops.map(({ name, every, longest = LONGEST }) => [
      name,
      { most: every + longest + LATE, at: clock.monotonic(), rounds: 0, problem: null as string | null },
    ]),
  )
  return {
    completed: (name) => {
      const loop = known.get(name)
      if (loop === undefined) return
      loop.at = clock.monotonic()
      loop.rounds += 1
      loop.problem = null
    },
    failed: (name, because) => {
      const loop = known.get(name)
      if (loop !== undefined) loop.problem = because
    },
    stuck: () => {
      const now = clock.monotonic()
      return [...known].filter(([, { at, most }]) => now - at > most).map(([name]) => name)
    },
    states: () => [...known].map(([name, { rounds, problem }]) => ({ name, rounds, problem })),
  }
}
