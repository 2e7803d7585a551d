import type { CpuCore, CpuKind, Topology } from '@janus/core'
import type { Place } from './places.js'
import { count, memoryWords } from './words.js'

/** Cores that a virtual machine could get, in words. */
export interface Candidate {
  readonly words: string
  readonly places: readonly Place[]
  /** The cores of each place, in the order in which they are used up. */
  readonly pools: readonly (readonly CpuCore[])[]
  /** Places of the kinds in {@link Topology.kinds}. */
  readonly kinds: readonly number[]
  /** Why it may not be had whatever its cores; undefined when it may. */
  readonly refusal?: string
}

/**
 * What could be had, in the order in which it is tried: one kind of cores in one place, the most capable kind first; all kinds
 * in one place; one kind over all places; all. Those whose memory does not suffice come again at the end.
 * @param places with the cores that are not reserved, the one to prefer first
 */
export function candidatesFor(
  { kinds, nodes }: Topology,
  places: readonly Place[],
  memoryKiB: number | undefined,
): readonly Candidate[] {
  const all = kinds.map((_, kind) => kind)
  const sets = kinds.length === 1 ? [all] : [...all.map((kind) => [kind]), all]
  const near = (pool: readonly Place[], wanted: readonly number[]): Candidate =>
    candidate(pool, wanted, kinds, pool.length < places.length ? undefined : 'all nodes')
  const single = sets.flatMap((wanted) => places.map((place) => near([place], wanted)))
  const spanning = places.length === 1 ? [] : sets.map((wanted) => candidate(places, wanted, kinds, 'all nodes'))
  const short = single.flatMap((one) => {
    const memory = one.places[0]?.node?.memoryKiB
    return memoryKiB === undefined || memory === undefined || memory >= memoryKiB || nodes.length < 2
      ? []
      : [{ one, refusal: `it has ${memoryWords(memory)} of memory, ${memoryWords(memoryKiB)} are asked for` }]
  })
  const refused = new Map(short.map(({ one, refusal }) => [one, refusal]))
  return [
    ...single.map((one) => {
      const refusal = refused.get(one)
      return refusal === undefined ? one : { ...one, refusal }
    }),
    ...short.map(({ one }) => one),
    ...spanning,
  ]
}

/** Cores of some kinds, of the places, as a noun: `performance cores of node 1`. */
function candidate(
  places: readonly Place[],
  wanted: readonly number[],
  kinds: readonly CpuKind[],
  together: string | undefined,
): Candidate {
  const where = places.length === 1 ? (places[0]?.words ?? '') : (together ?? count(places.length, 'node'))
  const [only, ...others] = wanted
  const kind = kinds.length === 1 ? '' : others.length > 0 ? 'cores of all kinds' : `${kinds[only ?? 0]?.name} cores`
  return {
    words: kind === '' ? where : `${kind} of ${where}`,
    places,
    kinds: wanted,
    pools: places.map(({ cores }) => cores.filter((core) => wanted.includes(core.kind))),
  }
}
