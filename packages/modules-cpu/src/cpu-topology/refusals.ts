import { type CpuCore, formatCpuList, type Topology } from '@janus/core'
import { type Capacity, groupByCache, roomOf } from './choose-cores.js'
import type { PinningProposal } from './pinning.js'
import type { Place } from './places.js'
import type { Tried } from './propose-pinning.js'
import { count, cpuWords, memoryWords } from './words.js'

const MOST = 16

/** What refused alternatives are made of. */
export interface RefusalInput {
  readonly topology: Topology
  readonly places: readonly Place[]
  readonly tried: Tried
  readonly reserved: readonly CpuCore[]
  readonly vcpus: number
  readonly capacity: Capacity
}

/** The alternatives that were not taken, each with its reason; at most so many that a person reads them. */
export function refusals(input: RefusalInput): PinningProposal['refused'] {
  const all = [...beforeIt(input), ...otherCaches(input), ...afterIt(input), ofTheHost(input)]
  if (all.length <= MOST) return all
  const rest = all.length - MOST + 1
  return [...all.slice(0, MOST - 1), { alternative: `${rest} more`, because: 'for reasons like these' }]
}

function beforeIt({ tried }: RefusalInput): PinningProposal['refused'] {
  return tried.before.map(({ candidate, because }) => ({ alternative: candidate.words, because }))
}

/** The other last-level caches of the same places. */
function otherCaches({ topology, tried, vcpus, capacity }: RefusalInput): PinningProposal['refused'] {
  const chosen = new Set(tried.choice.groups.flatMap(({ cores }) => cores))
  return groupByCache(tried.chosen.pools.flat(), topology.caches).flatMap(({ cache, cores }) => {
    if (cache === undefined || cores.some((core) => chosen.has(core))) return []
    const room = roomOf(cores, capacity)
    const size = cache.sizeKiB === undefined ? '' : ` (${memoryWords(cache.sizeKiB)})`
    const alternative = `L${cache.level}${size} of ${cpuWords(formatCpuList(cache.cpus))}`
    const because =
      room < vcpus
        ? `it has room for ${count(room, 'vCPU')}`
        : 'another holds it as well, and is smaller or comes first'
    return [{ alternative, because }]
  })
}

function afterIt({ tried, places }: RefusalInput): PinningProposal['refused'] {
  const own = tried.chosen.places.length === 1 ? tried.chosen.places[0] : undefined
  const told = new Set(tried.before.map(({ candidate }) => candidate.words))
  return tried.after.flatMap(({ words, places: theirs, kinds }) => {
    if (told.has(words) || words === tried.chosen.words) return []
    told.add(words)
    if (theirs.length > 1 && places.length > 1) return [{ alternative: words, because: 'one node is enough' }]
    if (theirs[0] !== own) {
      const distance = theirs[0]?.distance
      return [
        {
          alternative: words,
          because: distance === undefined ? 'another one comes first' : `farther, at a distance of ${distance}`,
        },
      ]
    }
    const isMixture = kinds.length > 1
    return [{ alternative: words, because: isMixture ? 'one kind is enough' : 'a more capable kind is enough' }]
  })
}

function ofTheHost({ reserved }: RefusalInput): PinningProposal['refused'][number] {
  const cpus = formatCpuList(reserved.flatMap((core) => core.cpus))
  return { alternative: cpuWords(cpus), because: 'kept for the host' }
}
