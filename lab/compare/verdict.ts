import type { Observation } from './observation.js'

/**
 * What an observation comes to, by the same rule for every tool. From the worst: something is hurt, the tool does not
 * come back, a device is left without its driver, bound in vain or on another one, an override is not what it was, the
 * exit code is wrong.
 */
export type Verdict =
  | 'hurt'
  | 'hangs'
  | 'stranded'
  | 'unusable'
  | 'wrong driver'
  | 'override changed'
  | 'false success'
  | 'false failure'
  | 'right'

/** Judges one observation. */
export function verdictOf({ harm, changed, exits, expectedExits, alreadySo, flaws }: Observation): Verdict {
  const drivers = Object.values(changed).filter((state) => state.before?.driver !== state.after?.driver)
  if (harm.length > 0) return 'hurt'
  if (exits.some((exit) => exit === 'hangs' || exit === null)) return 'hangs'
  if (drivers.some((state) => state.after?.driver == null)) return 'stranded'
  if (flaws.length > 0) return 'unusable'
  if (drivers.length > 0) return 'wrong driver'
  if (Object.keys(changed).length > 0) return 'override changed'
  if (alreadySo) return 'right'
  const wrong = exits.findIndex((exit, at) => (exit === 0) !== (expectedExits[at] === 0))
  if (wrong === -1) return 'right'
  return exits[wrong] === 0 ? 'false success' : 'false failure'
}
