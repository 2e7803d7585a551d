import { type CpuCore, formatCpuList, janusError, type PciLocality, type Topology } from '@janus/core'
import { type Candidate, candidatesFor } from './candidates.js'
import { type Capacity, type Choice, chooseCores, roomOf } from './choose-cores.js'
import { explain } from './explain.js'
import { chooseServing, reserveCores } from './host-share.js'
import { bindMemory } from './memory.js'
import type { PinningProposal, PinningWish } from './pinning.js'
import { orderPlaces, type Place } from './places.js'
import { refusals } from './refusals.js'
import { count, cpuWords } from './words.js'

/**
 * Chooses which cores, threads and memory nodes a virtual machine should get: on the node of its device, whole cores with
 * their threads together, within one last-level cache where that holds them, of one kind of cores, and never the core of
 * CPU 0. The same topology and wish give the same answer.
 * @param topology what `readTopology` of `@janus/core` read
 * @param wish what the virtual machine is to get; memory in KiB
 * @returns the proposal, which {@link pinningProposalSchema} describes
 * @throws JANUS_DEVICE_NOT_FOUND; JANUS_HOST_UNFIT when the host has not enough cores or memory; JANUS_HOST_UNREADABLE when it shows no cores
 */
export function proposePinning(topology: Topology, wish: PinningWish): PinningProposal {
  const { vcpus, memoryKiB, threadsPerCore = 'all', reserve = 1 } = wish
  const device = deviceOf(topology, wish.device)
  const ordered = orderPlaces(topology, device)
  const reserved = reserveCores(topology, reserve, ordered[0])
  const places = ordered.map((place) => withoutCores(place, reserved))
  const capacity: Capacity = ({ cpus }) => (threadsPerCore === 'one' ? 1 : cpus.length)
  requireRoom(topology, places, reserved, vcpus, capacity)
  const tried = tryAll(topology, candidatesFor(topology, places, memoryKiB), vcpus, capacity)
  const memory = bindMemory(topology, tried.chosen.places, tried.choice.used, device, memoryKiB)
  const { used } = tried.choice
  const serving = chooseServing(reserved, used, topology.cores)
  const taken = new Set(used.flatMap(({ cpus }) => cpus))
  const idle = used.flatMap(({ core }) => core.cpus).filter((cpu) => !taken.has(cpu))
  const host = topology.cores
    .flatMap(({ cpus }) => cpus)
    .filter((cpu) => !taken.has(cpu) && !idle.includes(cpu))
    .sort((a, b) => a - b)
  const threads = new Set(used.map(({ cpus }) => cpus.length))
  const [even, ...uneven] = threads
  const isEven = uneven.length === 0
  const asked = {
    vcpus,
    ...(device === undefined ? {} : { device: device.address }),
    ...(memoryKiB === undefined ? {} : { memoryKiB }),
    threadsPerCore,
    reserve,
  }
  return {
    schema: 'janus.pinning/1',
    wish: asked,
    ...(device === undefined ? {} : { device: deviceWords(device) }),
    vcpus: numbered(topology, used, isEven),
    guest: isEven ? { sockets: 1, cores: used.length, threads: even ?? 1 } : { sockets: 1, cores: vcpus, threads: 1 },
    memory: { nodes: [...memory.nodes], binding: memory.nodes.length === 0 ? 'none' : 'strict' },
    emulator: [...serving.emulator],
    io: [...serving.io],
    idle: [...idle].sort((a, b) => a - b),
    reserved: reserved.flatMap(({ cpus }) => cpus).sort((a, b) => a - b),
    host,
    ...explain({ topology, device, ordered, reserved, tried, memory, serving, isEven, threadsPerCore }),
    refused: [...refusals({ topology, places, tried, reserved, vcpus, capacity })],
  }
}

/** What was tried, and what came of it. */
export interface Tried {
  readonly chosen: Candidate
  readonly choice: Choice
  /** What came before it, each with the reason against it. */
  readonly before: readonly { readonly candidate: Candidate; readonly because: string }[]
  /** What would have come after it. */
  readonly after: readonly Candidate[]
}

function tryAll(topology: Topology, candidates: readonly Candidate[], vcpus: number, capacity: Capacity): Tried {
  const before: { candidate: Candidate; because: string }[] = []
  for (const [index, candidate] of candidates.entries()) {
    if (candidate.refusal !== undefined) {
      before.push({ candidate, because: candidate.refusal })
      continue
    }
    const choice = chooseCores(candidate.pools, topology.caches, vcpus, capacity)
    if (choice !== undefined) return { chosen: candidate, choice, before, after: candidates.slice(index + 1) }
    const room = roomOf(candidate.pools.flat(), capacity)
    before.push({ candidate, because: `it has room for ${count(room, 'vCPU')}, ${vcpus} are asked for` })
  }
  throw janusError('JANUS_INTERNAL', 'a pinning that has room was not found')
}

function deviceOf({ devices }: Topology, address: string | undefined): PciLocality | undefined {
  if (address === undefined) return undefined
  const device = devices.find((one) => one.address === address)
  if (device !== undefined) return device
  throw janusError('JANUS_DEVICE_NOT_FOUND', `the host shows no PCI device ${address}`, { data: { device: address } })
}

function deviceWords({ address, node, cpus, source }: PciLocality): NonNullable<PinningProposal['device']> {
  return { address, ...(node === undefined ? {} : { node }), cpus: [...cpus], source }
}

function withoutCores(place: Place, reserved: readonly CpuCore[]): Place {
  return { ...place, cores: place.cores.filter((core) => !reserved.includes(core)) }
}

function requireRoom(
  { cores, threads }: Topology,
  places: readonly Place[],
  reserved: readonly CpuCore[],
  vcpus: number,
  capacity: Capacity,
): void {
  if (cores.length === 0) {
    const path = '/sys/devices/system/cpu'
    throw janusError('JANUS_HOST_UNREADABLE', `the host shows no processors (${path})`, { data: { path } })
  }
  const room = roomOf(
    places.flatMap((place) => place.cores),
    capacity,
  )
  if (room >= vcpus) return
  const kept = formatCpuList(reserved.flatMap(({ cpus }) => cpus))
  const online = threads.filter((thread) => thread.online).length
  const message = `${count(vcpus, 'vCPU')} are asked for, and the host has room for ${room}: ${count(online, 'thread')} of ${count(cores.length, 'core')} are online, ${cpuWords(kept)} stay with the host`
  throw janusError('JANUS_HOST_UNFIT', message, {
    data: { vcpus, room, cores: cores.length, reserved: kept },
    remedy: 'Ask for fewer vCPUs, or keep fewer cores for the host.',
  })
}

function numbered(topology: Topology, used: Choice['used'], isEven: boolean): PinningProposal['vcpus'] {
  const placed = used.flatMap(({ core, cpus }, index) => cpus.map((cpu) => ({ core, cpu, index })))
  return placed.map(({ core, cpu, index }, vcpu) => ({
    vcpu,
    cpu,
    // A guest can only be shown cores of one shape: with an odd one among them each vCPU is a core.
    core: isEven ? index : vcpu,
    package: core.package,
    ...(core.node === undefined ? {} : { node: core.node }),
    kind: topology.kinds[core.kind]?.name ?? 'uniform',
  }))
}
