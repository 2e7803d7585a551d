import { type CpuCore, formatCpuList, type PciLocality, type Topology } from '@janus/core'
import type { Choice } from './choose-cores.js'
import type { ServingCpus } from './host-share.js'
import type { MemoryBinding } from './memory.js'
import type { PinningProposal } from './pinning.js'
import type { Place } from './places.js'
import type { Tried } from './propose-pinning.js'
import { count, cpuWords, memoryWords } from './words.js'

/** What an explanation is made of. */
export interface Explained {
  readonly topology: Topology
  readonly device: PciLocality | undefined
  /** All places, the one that would have been best first. */
  readonly ordered: readonly Place[]
  readonly reserved: readonly CpuCore[]
  readonly tried: Tried
  readonly memory: MemoryBinding
  readonly serving: ServingCpus
  /** Every core is used with the same number of threads. */
  readonly isEven: boolean
  readonly threadsPerCore: 'all' | 'one'
}

/** Says why each thing was chosen, and what is not as it should be. */
export function explain(explained: Explained): Pick<PinningProposal, 'why' | 'compromises'> {
  const why: PinningProposal['why'] = []
  const compromises: string[] = []
  for (const part of [aboutNode, aboutKind, aboutCache, aboutCores, aboutMemory, aboutHost]) {
    const said = part(explained)
    why.push(...said.why)
    compromises.push(...said.compromises)
  }
  return { why, compromises }
}

type Said = Pick<PinningProposal, 'why' | 'compromises'>

function aboutNode({ topology, device, ordered, tried }: Explained): Said {
  const [first] = ordered
  const { places } = tried.chosen
  const where = places.length === 1 ? (places[0]?.words ?? '') : nodesOf(tried)
  if (topology.nodes.length < 2 || ordered.length < 2) return { why: [], compromises: [] }
  const isFirst = places.length === 1 && places[0]?.node?.id === first?.node?.id
  if (device === undefined) {
    const because = isFirst
      ? 'the first that holds it and leaves the node of CPU 0 to the host'
      : 'the first that holds it'
    return places.length === 1
      ? { why: [{ choice: 'node', because: `${where}: ${because}` }], compromises: [] }
      : { why: [{ choice: 'node', because: `${where}: no node alone holds it` }], compromises: [spans(where)] }
  }
  const told =
    device.source === 'unknown'
      ? `nobody says where ${device.address} is`
      : `${device.address} is on ${nodeWords(device)} (${device.evidence})`
  const why: Said['why'] = [{ choice: 'node', because: `${where}: ${told}` }]
  const compromises = places.length > 1 ? [spans(where)] : []
  if (device.source === 'unknown') {
    return { why, compromises: [`the node of ${device.address} is not known: its memory may be far`, ...compromises] }
  }
  if (places.length > 1) return { why, compromises: [...compromises, ...away(device, tried)] }
  if (device.node === undefined || places[0]?.node?.id === device.node) return { why, compromises: [] }
  const distance = places[0]?.distance
  const far = distance === undefined ? '' : `, at a distance of ${distance}`
  return { why, compromises: [`${where} is not the node of ${device.address}, which is node ${device.node}${far}`] }
}

function spans(where: string): string {
  return `the vCPUs are on several nodes (${where}): show the guest its nodes, or ask for fewer`
}

/** Not all of the vCPUs are where the device is. */
function away(device: PciLocality, { choice }: Tried): readonly string[] {
  const isHere = ({ node, cpus }: CpuCore): boolean =>
    device.node === undefined ? cpus.some((cpu) => device.cpus.includes(cpu)) : node === device.node
  const size = (used: Choice['used']): number => used.reduce((sum, { cpus }) => sum + cpus.length, 0)
  const all = size(choice.used)
  const here = size(choice.used.filter(({ core }) => isHere(core)))
  if (here === all) return []
  const { address, node } = device
  const where = node === undefined ? `close to ${address}` : `on the node of ${address}, which is node ${node}`
  return [
    here === 0
      ? `none of the ${all} vCPUs is ${where}`
      : `only ${here} of the ${all} vCPUs ${here === 1 ? 'is' : 'are'} ${where}`,
  ]
}

function nodesOf({ choice }: Tried): string {
  const nodes = [...new Set(choice.used.flatMap(({ core }) => core.node ?? []))].sort((a, b) => a - b)
  return `nodes ${nodes.join(', ')}`
}

function nodeWords({ node, cpus }: PciLocality): string {
  return node === undefined ? `close to ${cpuWords(formatCpuList(cpus))}` : `node ${node}`
}

function aboutKind({ topology: { kinds }, tried }: Explained): Said {
  if (kinds.length === 1) return { why: [], compromises: [] }
  const used = [...new Set(tried.choice.used.map(({ core }) => core.kind))].sort((a, b) => a - b)
  const names = used.map((kind) => `${kinds[kind]?.name} cores`)
  const evidence = kinds[used[0] ?? 0]?.evidence ?? ''
  const why: Said['why'] = [{ choice: 'kind', because: `${names.join(' and ')} (${evidence})` }]
  if (used.length > 1)
    return {
      why,
      compromises: [`${names.join(' and ')} are mixed, because no kind alone has room: vCPUs are not equally fast`],
    }
  if (used[0] === 0) return { why, compromises: [] }
  return {
    why,
    compromises: [
      `${names[0]}, because ${kinds[0]?.name} cores have no room: all of one kind are better than a mixture`,
    ],
  }
}

function aboutCache({ tried }: Explained): Said {
  const { groups } = tried.choice
  const [group] = groups
  if (group?.cache === undefined) return { why: [], compromises: [] }
  const { level, sizeKiB } = group.cache
  const size = sizeKiB === undefined ? '' : ` of ${memoryWords(sizeKiB)}`
  if (groups.length === 1)
    return { why: [{ choice: 'cache', because: `all share one L${level}${size}` }], compromises: [] }
  const because = `${groups.length} L${level} caches: none alone holds it`
  return {
    why: [{ choice: 'cache', because }],
    compromises: [`the vCPUs are spread over ${groups.length} L${level} caches`],
  }
}

function aboutCores({ tried, isEven, threadsPerCore }: Explained): Said {
  const { used } = tried.choice
  const partly = used.filter(({ core, cpus }) => cpus.length < core.cpus.length)
  const words = count(used.length, 'core')
  if (threadsPerCore === 'one')
    return {
      why: [{ choice: 'cores', because: `${words}, one thread of each, as was asked; siblings stay idle` }],
      compromises: [],
    }
  if (partly.length === 0) {
    const because = `${words} with all threads, so that nobody else runs on a sibling`
    const odd = 'cores of different numbers of threads: the guest is shown cores of one thread'
    return { why: [{ choice: 'cores', because }], compromises: isEven ? [] : [odd] }
  }
  const [part] = partly
  return {
    why: [{ choice: 'cores', because: `${words}, all but one with all threads` }],
    compromises: [
      `core of ${cpuWords(formatCpuList(part?.core.cpus ?? []))} is used in part: an even number of vCPUs would use whole cores`,
    ],
  }
}

function aboutMemory({ memory: { because, compromise } }: Explained): Said {
  return { why: [{ choice: 'memory', because }], compromises: compromise === undefined ? [] : [compromise] }
}

function aboutHost({ reserved, serving, tried }: Explained): Said {
  const [boot, ...others] = reserved
  const kept = `${cpuWords(formatCpuList(boot?.cpus ?? []))} stay${boot?.cpus.length === 1 ? 's' : ''} with the host: interrupts and housekeeping start there`
  const more =
    others.length === 0 ? '' : `; ${cpuWords(formatCpuList(others.flatMap(({ cpus }) => cpus)))} as was asked`
  const where = serving.isNear
    ? 'of the host on the same node'
    : 'of the host, on another node: none is left on this one'
  const said: Said['why'] = [
    { choice: 'host', because: `${kept}${more}` },
    {
      choice: 'emulator',
      because: `${cpuWords(formatCpuList([...serving.emulator, ...serving.io]))} ${where}, apart from the vCPUs`,
    },
  ]
  const isFar = !serving.isNear && tried.choice.used.some(({ core }) => core.node !== undefined)
  return { why: said, compromises: isFar ? ['emulator and I/O threads run on another node than the vCPUs'] : [] }
}
