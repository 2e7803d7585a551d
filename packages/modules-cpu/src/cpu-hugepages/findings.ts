import {
  type Finding,
  type Host,
  type HugepagePool,
  isJanusError,
  type MemoryInformation,
  readHugepages,
  readMemory,
} from '@janus/core'
import { refusalStatus } from '../request-finding.js'
import { attributeOf } from './attribute-of.js'
import type { CpuHugepagesOptions } from './options.js'
import { planReservations } from './reservations.js'
import { mebibytes, sizeWords } from './size-words.js'
import { readTarget } from './target.js'

const MEMINFO = '/proc/meminfo'
const EIGHTH = 8
const MOST_POOLS = 32
const USEFUL_KIB = 1024 * 1024

/**
 * How much memory is reserved as hugepages, over all sizes and nodes. An eighth of the memory is what is recommended
 * where nothing is known of the guests; less than 1 GiB serves none of them, one page is not "reserved".
 */
export async function reservedFinding(host: Host): Promise<Finding> {
  const id = 'hugepages'
  const [pools, memory] = await Promise.all([readHugepages(host), readMemory(host)])
  const { totalKiB, hugepageSizeKiB } = memory
  if (totalKiB === undefined || hugepageSizeKiB === undefined) {
    const summary = totalKiB === undefined ? 'the host does not show its memory' : 'the host shows no hugepages'
    return { id, status: 'skipped', summary, evidence: [{ path: MEMINFO }] }
  }
  const shown = `MemTotal: ${totalKiB} kB, Hugepagesize: ${hugepageSizeKiB} kB, HugePages_Total: ${memory.hugepagesTotal ?? '?'}`
  const evidence = [
    { path: MEMINFO, value: shown },
    ...pools.slice(0, MOST_POOLS).map((pool) => ({ path: attributeOf(pool), value: String(pool.total) })),
  ]
  return { id, ...judge(reservedOf(pools, memory), totalKiB, hugepageSizeKiB), evidence }
}

interface Reserved {
  readonly kibibytes: number
  readonly words: string
}

/** What the pools hold; where a captured host shows none of them, what /proc/meminfo says of the default size. */
function reservedOf(pools: readonly HugepagePool[], memory: MemoryInformation): Reserved {
  const { hugepagesTotal: total = 0, hugepageSizeKiB: sizeKiB = 0 } = memory
  if (pools.length === 0) return { kibibytes: total * sizeKiB, words: `${total} of ${sizeWords(sizeKiB)}` }
  return { kibibytes: pools.reduce((sum, pool) => sum + pool.total * pool.sizeKiB, 0), words: poolWords(pools) }
}

function judge(
  { kibibytes, words }: Reserved,
  totalKiB: number,
  sizeKiB: number,
): Pick<Finding, 'status' | 'summary' | 'remedy'> {
  const pages = Math.floor(totalKiB / EIGHTH / sizeKiB)
  const reserved = `${mebibytes(kibibytes)} are reserved as hugepages: ${words}`
  if (kibibytes > 0 && kibibytes >= Math.min(USEFUL_KIB, pages * sizeKiB)) return { status: 'ok', summary: reserved }
  return {
    status: 'warn',
    summary: kibibytes === 0 ? 'no memory is reserved as hugepages' : `only ${reserved}`,
    remedy: `An eighth of the memory would be ${pages} pages of ${sizeWords(sizeKiB)}: janus plan cpu-hugepages -o pages=${pages}. Guests without hugepages run too, with more page table work.`,
  }
}

/** Whether the pages that the options ask for are reserved already, can be, or not; none where they are for the next boot only. */
export async function requestedFinding(host: Host, options: CpuHugepagesOptions): Promise<readonly Finding[]> {
  const id = 'hugepages-requested'
  try {
    const target = await readTarget(host, options)
    if (target === undefined || (target.isGigantic && options.persistent)) return []
    const reservations = await planReservations(host, target)
    const evidence = reservations.map(({ pool }) => ({ path: attributeOf(pool), value: String(pool.total) }))
    const summary =
      reservations.length === 0
        ? `${target.pages} pages are reserved already`
        : `${target.pages} pages can be asked for`
    return [{ id, status: 'ok', summary, evidence }]
  } catch (error) {
    if (!isJanusError(error)) throw error
    return [{ id, status: refusalStatus(host, error), summary: error.message, remedy: error.remedy }]
  }
}

function poolWords(pools: readonly HugepagePool[]): string {
  const filled = pools.filter(({ total }) => total > 0).slice(0, MOST_POOLS)
  return filled
    .map(
      ({ node, sizeKiB, total }) => `${total} of ${sizeWords(sizeKiB)}${node === undefined ? '' : ` on node ${node}`}`,
    )
    .join(', ')
}
