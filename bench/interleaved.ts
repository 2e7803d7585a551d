/** Something whose duration is measured. */
export interface Contender {
  readonly name: string
  run(): Promise<void>
}

/**
 * Runs contenders in turn, round after round, so that a busy moment of the machine hits all of them.
 * @returns the shortest duration of each in milliseconds: everything above it is noise of others
 */
export async function shortestDurations(
  contenders: readonly Contender[],
  rounds: number,
): Promise<ReadonlyMap<string, number>> {
  const shortest = new Map<string, number>()
  for (let round = 0; round < rounds; round++) {
    for (const { name, run } of contenders) {
      const began = performance.now()
      await run()
      shortest.set(name, Math.min(shortest.get(name) ?? Number.POSITIVE_INFINITY, performance.now() - began))
    }
  }
  return shortest
}
