import { type Host, type HugepagePool, janusError, readHugepages } from '@janus/core'
import { attributeOf } from './attribute-of.js'
import { readMemoryOf } from './memory.js'
import { mebibytes, sizeWords } from './size-words.js'
import type { HugepageTarget } from './target.js'

/** How many pages a pool is to hold. */
export interface Reservation {
  readonly pool: HugepagePool
  readonly pages: number
}

/**
 * Decides what each pool is to hold, and refuses what cannot be: the kernel would clamp the number without a word.
 * @throws JANUS_HOST_UNFIT naming the numbers; JANUS_HOST_LACKS_FEATURE without hugepages, or without this size;
 * JANUS_HOST_UNREADABLE when the pools are not shown
 */
export async function planReservations(host: Host, target: HugepageTarget): Promise<readonly Reservation[]> {
  const pools = await choosePools(host, target)
  const present = pools.reduce((sum, { total }) => sum + total, 0)
  if (present === target.pages) return []
  const reservations = spread(pools, target.pages).filter(({ pool, pages }) => pool.total !== pages)
  for (const reservation of reservations) await requirePossible(host, reservation)
  await requireUnreserved(host, reservations)
  // Pages of any node serve a reservation: more is made before any is taken.
  return [...reservations.filter(grows), ...reservations.filter((one) => !grows(one))]
}

function grows({ pool, pages }: Reservation): boolean {
  return pages > pool.total
}

/**
 * Refuses to shrink below what programs have mapped, touched or not: the kernel would say ok, keep the pages as surplus and
 * give them back one by one (mm/hugetlb.c, set_max_huge_pages). It counts over all nodes, as it knows none of a page that
 * nobody has touched.
 */
async function requireUnreserved(host: Host, reservations: readonly Reservation[]): Promise<void> {
  const [shrinking] = reservations.filter((one) => !grows(one))
  if (shrinking === undefined) return
  const { sizeKiB } = shrinking.pool
  const path = `/sys/kernel/mm/hugepages/hugepages-${sizeKiB}kB/resv_hugepages`
  const reserved = Number((await host.readText(path)).value?.trim() ?? 0)
  const pools = (await readHugepages(host)).filter((pool) => pool.sizeKiB === sizeKiB)
  const pagesOf = (pool: HugepagePool) => reservations.find((one) => one.pool.path === pool.path)?.pages ?? pool.total
  const left = pools.reduce((sum, pool) => sum + pagesOf(pool), 0)
  const used = pools.reduce((sum, { total, free }) => sum + total - free, 0)
  if (used + reserved <= left) return
  const message = `${used} pages of ${sizeWords(sizeKiB)} are in use and ${reserved} more are reserved by programs that have not touched them yet, so that no ${left} can be left over all nodes (${path})`
  throw janusError('JANUS_HOST_UNFIT', message, {
    data: { path, used, reserved, left },
    remedy: 'End the programs that use them first.',
  })
}

/** What each pool is to hold, whatever it holds now. */
export async function spreadOver(host: Host, target: HugepageTarget): Promise<readonly Reservation[]> {
  return spread(await choosePools(host, target), target.pages)
}

async function choosePools(host: Host, target: HugepageTarget): Promise<readonly HugepagePool[]> {
  const { sizeKiB } = target
  const all = await readHugepages(host)
  if (sizeKiB === undefined || all.length === 0) throw await notShown(host)
  const sized = all.filter((pool) => pool.sizeKiB === sizeKiB)
  if (sized.length === 0) throw noSuchSize(host, sizeKiB, all)
  if (target.node === undefined) return withMemory(host, sized)
  const chosen = sized.filter(({ node }) => (node ?? 0) === target.node)
  if (chosen.length > 0) return chosen
  const nodes = sized.map(({ node }) => node ?? 0)
  const message = `${host.description} has no NUMA node ${target.node} with pages of ${sizeWords(sizeKiB)}; it has ${nodes.join(', ')}`
  throw janusError('JANUS_HOST_UNFIT', message, {
    data: { node: target.node, nodes },
    remedy: 'Name a node that it has.',
  })
}

/** Nodes without memory of their own get no pages, unless none of them shows its memory. */
async function withMemory(host: Host, pools: readonly HugepagePool[]): Promise<readonly HugepagePool[]> {
  const memories = await Promise.all(pools.map(({ node }) => readMemoryOf(host, node)))
  const filled = pools.filter((_, index) => memories[index] === undefined || (memories[index]?.total ?? 0) > 0)
  return filled.length > 0 ? filled : pools
}

function spread(pools: readonly HugepagePool[], pages: number): readonly Reservation[] {
  const each = Math.floor(pages / pools.length)
  const rest = pages % pools.length
  return pools.map((pool, index) => ({ pool, pages: each + (index < rest ? 1 : 0) }))
}

async function requirePossible(host: Host, { pool, pages }: Reservation): Promise<void> {
  const { sizeKiB, total, free, surplus, node } = pool
  const path = attributeOf(pool)
  const where = node === undefined ? '' : ` on node ${node}`
  const kind = `pages of ${sizeWords(sizeKiB)}`
  if (surplus > 0) {
    const message = `${surplus} of the ${total} ${kind}${where} are surplus pages in use: the number could not be put back exactly (${path})`
    throw janusError('JANUS_HOST_UNFIT', message, {
      data: { path, total, surplus },
      remedy: 'End the programs that use them first.',
    })
  }
  if (pages < total - free) {
    const message = `${total - free} ${kind}${where} are in use, so that ${pages} cannot be left (${path})`
    throw janusError('JANUS_HOST_UNFIT', message, {
      data: { path, total, free, pages },
      remedy: 'End the programs that use them first.',
    })
  }
  const needed = (pages - total) * sizeKiB
  const memory = await readMemoryOf(host, node)
  if (memory?.reclaimable === undefined || needed <= memory.reclaimable) return
  const message = `${pages - total} more ${kind}${where} need ${mebibytes(needed)}, at most ${mebibytes(memory.reclaimable)} of ${mebibytes(memory.total)} could be made free (${memory.path})`
  const data = { path, pages, neededKiB: needed, reclaimableKiB: memory.reclaimable, totalKiB: memory.total }
  throw janusError('JANUS_HOST_UNFIT', message, {
    data,
    remedy: 'Ask for fewer pages, or end programs that use memory.',
  })
}

function noSuchSize(host: Host, sizeKiB: number, pools: readonly HugepagePool[]): Error {
  const sizes = [...new Set(pools.map((pool) => pool.sizeKiB))].sort((a, b) => a - b).map(sizeWords)
  const message = `${host.description} has no hugepages of ${sizeWords(sizeKiB)}; it has ${sizes.join(', ')}`
  const data = { sizeKiB, sizes }
  return janusError('JANUS_HOST_LACKS_FEATURE', message, { data, remedy: 'Name a size that it has.' })
}

/** A kernel or a processor without hugepages has no such directory (mm/hugetlb.c, hugetlb_init). */
async function notShown(host: Host): Promise<Error> {
  const path = '/sys/kernel/mm/hugepages'
  const { unreadable } = await host.list(path)
  if (unreadable === undefined && !(await host.exists(path))) {
    const message = `${host.description} has no hugepages: there is no ${path}`
    const remedy = 'The kernel needs CONFIG_HUGETLBFS, and a processor that has them.'
    return janusError('JANUS_HOST_LACKS_FEATURE', message, { data: { path }, remedy })
  }
  const message = `${host.description} shows no hugepages: neither ${path} nor those of its nodes can be read`
  return janusError('JANUS_HOST_UNREADABLE', message, { data: { path } })
}
