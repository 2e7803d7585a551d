import type { Host } from '../contract/host.js'
import { listNames, parseWholeNumber, readValue } from './read-value.js'

/** The hugepages of one size on one node (Documentation/admin-guide/mm/hugetlbpage.rst). */
export interface HugepagePool {
  /** NUMA node; undefined for the whole machine, where the kernel has no nodes. */
  readonly node: number | undefined
  readonly sizeKiB: number
  readonly total: number
  readonly free: number
  readonly surplus: number
  /** Directory whose `nr_hugepages` changes the pool. */
  readonly path: string
}

const NODES = '/sys/devices/system/node'
const WHOLE_MACHINE = '/sys/kernel/mm/hugepages'

/**
 * Reads the hugepages per node and size; for the whole machine where the host shows no nodes.
 * @returns the pools by node and size, smallest first
 */
export async function readHugepages(host: Host): Promise<HugepagePool[]> {
  const pools: HugepagePool[] = []
  for (const name of await listNames(host, NODES)) {
    const node = /^node(\d{1,6})$/.exec(name)?.[1]
    if (node !== undefined) pools.push(...(await readPools(host, `${NODES}/${name}/hugepages`, Number(node))))
  }
  if (pools.length === 0) pools.push(...(await readPools(host, WHOLE_MACHINE, undefined)))
  return pools.sort((a, b) => (a.node ?? -1) - (b.node ?? -1) || a.sizeKiB - b.sizeKiB)
}

async function readPools(host: Host, directory: string, node: number | undefined): Promise<HugepagePool[]> {
  const pools: HugepagePool[] = []
  for (const name of await listNames(host, directory)) {
    const sizeKiB = parseWholeNumber(/^hugepages-(\d{1,12})kB$/.exec(name)?.[1])
    const path = `${directory}/${name}`
    const total = parseWholeNumber(await readValue(host, `${path}/nr_hugepages`))
    if (sizeKiB === undefined || total === undefined) continue
    const free = parseWholeNumber(await readValue(host, `${path}/free_hugepages`)) ?? 0
    const surplus = parseWholeNumber(await readValue(host, `${path}/surplus_hugepages`)) ?? 0
    pools.push({ node, sizeKiB, total, free, surplus, path })
  }
  return pools
}
