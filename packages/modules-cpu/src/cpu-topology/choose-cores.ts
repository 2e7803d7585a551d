import type { CpuCache, CpuCore } from '@janus/core'

/** Cores that share one last-level cache; those of a package that have none are one group. */
export interface CacheGroup {
  readonly cache?: CpuCache
  readonly cores: readonly CpuCore[]
}

/** A core with the threads that are used of it. */
export interface UsedCore {
  readonly core: CpuCore
  readonly cpus: readonly number[]
}

/** How many vCPUs a core takes. */
export type Capacity = (core: CpuCore) => number

const LAST_LEVEL = 3

/** Divides cores by the last-level cache (level 3 or above) that they share: an AMD CCX is one. */
export function groupByCache(cores: readonly CpuCore[], caches: readonly CpuCache[]): readonly CacheGroup[] {
  const last = Math.max(LAST_LEVEL, ...caches.map(({ level }) => level))
  const cacheOf = new Map<number, CpuCache>()
  for (const cache of caches)
    if (cache.level === last && cache.type !== 'instruction') for (const cpu of cache.cpus) cacheOf.set(cpu, cache)
  const groups = new Map<CpuCache | string, CpuCore[]>()
  for (const core of cores) {
    const cache = cacheOf.get(core.cpus[0] ?? -1) ?? `package ${core.package}`
    const group = groups.get(cache)
    if (group === undefined) groups.set(cache, [core])
    else group.push(core)
  }
  return [...groups].map(([cache, members]) => ({ ...(typeof cache === 'string' ? {} : { cache }), cores: members }))
}

/** What was chosen of the cores there are. */
export interface Choice {
  readonly used: readonly UsedCore[]
  readonly groups: readonly CacheGroup[]
}

/**
 * Chooses cores for so many vCPUs, pool by pool: a pool is used up before one of the next is touched. Within a pool, of the
 * cache groups that hold them all the smallest, so that big ones stay whole for others; else as few groups as possible. Whole
 * cores where their threads add up; else one core of the last pool is used in part.
 * @param pools the one to prefer first
 * @returns undefined when they do not hold them
 */
export function chooseCores(
  pools: readonly (readonly CpuCore[])[],
  caches: readonly CpuCache[],
  vcpus: number,
  capacity: Capacity,
): Choice | undefined {
  const used: UsedCore[] = []
  let missing = vcpus
  for (const pool of pools) {
    const taken = Math.min(missing, roomOf(pool, capacity))
    const groups = chooseGroups(groupByCache(pool, caches), taken, capacity)
    used.push(
      ...fill(
        groups.flatMap(({ cores }) => cores),
        taken,
        capacity,
      ),
    )
    missing -= taken
  }
  if (missing > 0) return undefined
  const touched = new Set(used.map(({ core }) => core))
  return {
    used: used.sort((a, b) => (a.core.cpus[0] ?? 0) - (b.core.cpus[0] ?? 0)),
    // Two nodes can share a cache: it counts once.
    groups: groupByCache(pools.flat(), caches).filter(({ cores }) => cores.some((core) => touched.has(core))),
  }
}

/** How many vCPUs cores take together. */
export function roomOf(cores: readonly CpuCore[], capacity: Capacity): number {
  return cores.reduce((total, core) => total + capacity(core), 0)
}

/** The groups have room for so many. */
function chooseGroups(groups: readonly CacheGroup[], vcpus: number, capacity: Capacity): readonly CacheGroup[] {
  const left = groups
    .map((group) => ({ group, room: roomOf(group.cores, capacity) }))
    .sort((a, b) => b.room - a.room || firstCpu(a.group) - firstCpu(b.group))
  const chosen: CacheGroup[] = []
  for (let missing = vcpus; missing > 0; ) {
    const holding = left.filter(({ room }) => room >= missing)
    // Of several of the smallest size the first stands first: the list is by size, then by CPU.
    const smallest = holding.find(({ room }) => room === holding.at(-1)?.room)
    const next = smallest ?? left[0]
    if (next === undefined) break
    left.splice(left.indexOf(next), 1)
    chosen.push(next.group)
    missing -= next.room
  }
  return chosen
}

/** The cores have room for so many. Those of many threads go first, so that the guest has few odd ones. */
function fill(cores: readonly CpuCore[], vcpus: number, capacity: Capacity): readonly UsedCore[] {
  const ordered = cores.map((core) => ({ core, room: capacity(core) })).sort((a, b) => b.room - a.room)
  const whole = exactly(ordered, vcpus) ?? greedily(ordered, vcpus)
  const used: UsedCore[] = whole.map(({ core, room }) => ({ core, cpus: core.cpus.slice(0, room) }))
  const missing = vcpus - whole.reduce((total, { room }) => total + room, 0)
  if (missing > 0) {
    const rest = ordered.filter((one) => !whole.includes(one) && one.room > missing)
    const smallest = rest.at(-1)?.room
    const split = rest.find(({ room }) => room === smallest)
    if (split !== undefined) used.push({ core: split.core, cpus: split.core.cpus.slice(0, missing) })
  }
  return used
}

interface Room {
  readonly core: CpuCore
  readonly room: number
}

/** Whole cores that add up to exactly so many vCPUs, earlier ones preferred; undefined when none do. */
function exactly(cores: readonly Room[], vcpus: number): readonly Room[] | undefined {
  const room = cores[0]?.room ?? 1
  // All cores being alike, which is the rule, nothing has to be searched for.
  if (cores.every((one) => one.room === room)) return vcpus % room === 0 ? cores.slice(0, vcpus / room) : undefined
  // reachable[i] holds what the cores from i on can add up to.
  const reachable: Uint8Array[] = Array.from({ length: cores.length + 1 }, () => new Uint8Array(vcpus + 1))
  for (const row of reachable) row[0] = 1
  for (let index = cores.length - 1; index >= 0; index--) {
    const [row, below, room] = [reachable[index], reachable[index + 1], cores[index]?.room ?? 0]
    if (row === undefined || below === undefined) continue
    for (let total = 1; total <= vcpus; total++)
      row[total] = below[total] || (total >= room && below[total - room]) ? 1 : 0
  }
  if (reachable[0]?.[vcpus] !== 1) return undefined
  const chosen: Room[] = []
  let missing = vcpus
  for (const [index, one] of cores.entries()) {
    if (missing === 0 || one.room > missing || reachable[index + 1]?.[missing - one.room] !== 1) continue
    chosen.push(one)
    missing -= one.room
  }
  return chosen
}

function greedily(cores: readonly Room[], vcpus: number): readonly Room[] {
  const chosen: Room[] = []
  let missing = vcpus
  for (const one of cores) {
    if (one.room > missing) continue
    chosen.push(one)
    missing -= one.room
  }
  return chosen
}

function firstCpu({ cores }: CacheGroup): number {
  return Math.min(...cores.map(({ cpus }) => cpus[0] ?? 0))
}
