import type { Host } from '../../contract/host.js'
import { isPciAddress } from '../../contract/pci-address.js'
import type { NumaNode, PciLocality } from '../../contract/topology.js'
import { comparePciAddresses } from '../compare-pci-addresses.js'
import { PCI_DEVICES } from '../pci-devices.js'
import { listNames } from '../read-value.js'
import { readCpuSet, readNumber } from './cpu-sets.js'

type Place = Omit<PciLocality, 'address'>

/**
 * Reads where each PCI function is close to: by its own `numa_node`, else its `local_cpulist` where that is not the whole
 * machine, else by the bridges above it from the nearest up, else by its root bus. A bridge is asked once for all below it.
 * @param nodes the nodes that can be believed
 * @param online numbers of the online CPUs
 */
export async function readLocalities(
  host: Host,
  nodes: readonly NumaNode[],
  online: readonly number[],
): Promise<readonly PciLocality[]> {
  const addresses = (await listNames(host, PCI_DEVICES)).filter(isPciAddress).sort(comparePciAddresses)
  const places = createPlaces(host, nodes, online)
  const localities: PciLocality[] = []
  for (const address of addresses) localities.push({ address, ...(await placeOf(host, places, address, online)) })
  return localities
}

interface Places {
  /** What a directory of a function or of a root bus says itself. */
  of(path: string): Promise<Pick<Place, 'node' | 'cpus' | 'evidence'> | undefined>
}

async function placeOf(host: Host, places: Places, address: string, online: readonly number[]): Promise<Place> {
  const own = await places.of(`${PCI_DEVICES}/${address}`)
  if (own !== undefined) return { ...own, source: 'device' }
  const location = (await host.readLink(`${PCI_DEVICES}/${address}`)).value ?? ''
  const above = location.split('/').slice(0, -1)
  for (let length = above.length; length > 3; length--) {
    const name = above[length - 1] ?? ''
    const path = above.slice(0, length).join('/')
    const bus = /^pci([0-9a-f]{4,8}:[0-9a-f]{2})$/.exec(name)?.[1]
    if (bus === undefined && !isPciAddress(name)) continue
    const place = await places.of(bus === undefined ? path : `${path}/pci_bus/${bus}`)
    if (place !== undefined) return { ...place, source: bus === undefined ? 'bridge' : 'root-bus' }
  }
  return { cpus: online, source: 'unknown', evidence: `${PCI_DEVICES}/${address}/numa_node` }
}

function createPlaces(host: Host, nodes: readonly NumaNode[], online: readonly number[]): Places {
  const nodeOf = new Map(nodes.map((node) => [node.id, node]))
  const homes = new Map(nodes.flatMap(({ id, cpus }) => cpus.map((cpu) => [cpu, id] as const)))
  const isOnline = new Set(online)
  const known = new Map<string, ReturnType<Places['of']>>()

  async function read(path: string) {
    const node = nodeOf.get((await readNumber(host, `${path}/numa_node`)) ?? -1)
    if (node !== undefined) return { node: node.id, cpus: node.cpus, evidence: `${path}/numa_node` }
    const isBus = path.includes('/pci_bus/')
    const names = isBus ? ['cpulistaffinity', 'cpuaffinity'] : ['local_cpulist', 'local_cpus']
    const evidence = `${path}/${names[0]}`
    const cpus = (
      await readCpuSet(
        host,
        names.map((name) => `${path}/${name}`),
      )
    )?.filter((cpu) => isOnline.has(cpu))
    // All CPUs is what the kernel says of a function that it knows nothing of.
    if (cpus === undefined || cpus.length === 0 || cpus.length === online.length) return undefined
    const [only, ...others] = new Set(cpus.map((cpu) => homes.get(cpu)))
    return { ...(only === undefined || others.length > 0 ? {} : { node: only }), cpus, evidence }
  }

  return {
    of(path) {
      const place = known.get(path) ?? read(path)
      known.set(path, place)
      return place
    },
  }
}
