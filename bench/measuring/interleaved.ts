import { median } from './median.js'

/** Something to be measured, by its name. */
export type Contenders<Name extends string, Result> = { readonly [Each in Name]: () => Promise<Result> }

/** How long contenders took, in milliseconds. Asking for one that threw throws what it threw. */
export interface Durations<Name extends string> {
  /** The shortest of all rounds: everything above it is noise of others. */
  shortest(name: Name): number
  median(name: Name): number
}

/**
 * Runs contenders in turn, round after round, so that a busy moment of the machine hits all of them. One that throws is out,
 * and the others go on.
 * @returns what a contender gave in each round; asking for one that threw throws what it threw
 */
export async function interleaved<Name extends string, Result>(
  contenders: Contenders<Name, Result>,
  rounds: number,
): Promise<(name: Name) => readonly Result[]> {
  const results = new Map<string, Result[]>()
  const failures = new Map<string, unknown>()
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries<() => Promise<Result>>(contenders)) {
      if (failures.has(name)) continue
      try {
        results.set(name, [...(results.get(name) ?? []), await run()])
      } catch (error) {
        failures.set(name, error)
      }
    }
  }
  return (name) => {
    if (failures.has(name)) throw failures.get(name)
    return results.get(name) ?? []
  }
}

/** The same, for how long they take. */
export async function interleavedDurations<Name extends string>(
  contenders: Contenders<Name, unknown>,
  rounds: number,
): Promise<Durations<Name>> {
  const timed = Object.fromEntries(
    Object.entries<() => Promise<unknown>>(contenders).map(([name, run]) => [name, () => durationOf(run)]),
  ) as Contenders<Name, number>
  const of = await interleaved(timed, rounds)
  return { shortest: (name) => Math.min(...of(name)), median: (name) => median(of(name)) }
}

/** In milliseconds. */
export async function durationOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}
