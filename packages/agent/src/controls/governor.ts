import type { GovernorState, RunBacklog } from '../contract/controls.js'

/** What a governor is made of. */
export interface GovernorOptions {
  /** Backlog that is aimed at. */
  readonly targetBacklog: number
  /** Proportional gain: runs for one waiting. */
  readonly kp: number
  /** Integral gain: runs for one that waits a second. */
  readonly ki: number
  /** Runs at a time at most; 1 is the least. */
  readonly most: number
  /** Seconds that one update counts for at most: what a stall lasted says nothing about the backlog during it. */
  readonly longestStep: number
}

/** Follows the backlog with the runs that are allowed at a time. */
export interface Governor {
  readonly state: GovernorState
  /** @param seconds since the last update */
  update(backlog: RunBacklog, seconds: number): GovernorState
}

const LEAST = 1

/**
 * A PI controller in position form: `allowed = 1 + kp·e + I`, rounded, from 1 to `most`. The integral takes of `ki·e·dt` only what the sum can follow before it
 * reaches a bound (conditional integration), so nothing winds up while it is saturated or stalled. Slots that nobody uses count as a negative backlog: with
 * a target of 0 the error would never be below 0 otherwise, and an integral that grew once would stay for ever.
 */
export function createGovernor({ targetBacklog, kp, ki, most, longestStep }: GovernorOptions): Governor {
  let state: GovernorState = { allowed: LEAST, error: 0, proportional: 0, integral: 0, saturated: null }
  return {
    get state() {
      return state
    },
    update: (backlog, seconds) => {
      const [waiting, active] = [counted(backlog.waiting), counted(backlog.active)]
      const error = waiting - Math.max(0, state.allowed - active) - targetBacklog
      const proportional = kp * error
      const step = ki * error * Math.min(counted(seconds), longestStep)
      const integral = integrate(state.integral, step, { low: -proportional, high: most - LEAST - proportional })
      const sum = LEAST + proportional + integral
      state = {
        allowed: Math.round(Math.min(Math.max(sum, LEAST), most)),
        error,
        proportional,
        integral,
        saturated: sum >= most ? 'high' : sum <= LEAST ? 'low' : null,
      }
      return state
    },
  }
}

/** Up to the bound that it moves towards, and never further away from there than it was. */
function integrate(
  integral: number,
  step: number,
  { low, high }: { readonly low: number; readonly high: number },
): number {
  return step >= 0
    ? Math.max(integral, Math.min(integral + step, high))
    : Math.min(integral, Math.max(integral + step, low))
}

/** What is no number counts as nothing. */
function counted(value: number): number {
  return Number.isFinite(value) && value > 0 ? value : 0
}
