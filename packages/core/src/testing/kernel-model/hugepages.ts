import { type AttributeNode, atOnce, type KernelAnswer } from '../file-tree/tree-node.js'
import { readOnly } from './attribute-nodes.js'
import type { DescriptorHold } from './descriptors.js'
import type { HugepagePoolSpec } from './kernel-spec.js'
import { type KernelState, sysfsWord } from './kernel-state.js'

const DEFAULT_SIZE_KIB = 2048
/** What the kernel and programs keep, besides what could become pages. */
const KEPT_KIB = 262_144

/** Pages of one size on one node. */
interface Pool {
  readonly spec: HugepagePoolSpec
  /** All pages, those some program uses beyond what was asked for included. */
  pages: number
  surplus: number
}

/** Pages of one size on all nodes. */
interface PageSize {
  readonly pools: readonly Pool[]
  /** Pages that programs have mapped and not touched yet: they are free, and promised. No node is chosen for them yet. */
  reserved: number
  /** What counts of another node. Up to 6.6 its surplus did, and a number for one node came to more. */
  readonly ofOthers: (pool: Pool) => number
}

/** Has a program map so many pages of this size without touching them. */
export type ReservePages = (sizeKiB: number, pages: number) => DescriptorHold

/**
 * Makes the hugepage attributes, per node and for the whole machine. Asking for more than there is memory for is
 * granted in part, and answered with ok (admin-guide/mm/hugetlbpage.rst).
 * @returns what a program does that maps pages
 */
export function createHugepages(kernel: KernelState, specs: readonly HugepagePoolSpec[]): ReservePages {
  const pools = specs.map((spec): Pool => ({ spec, pages: 0, surplus: 0 }))
  const sizes = new Map<number, PageSize>()
  for (const size of new Set(specs.map((spec) => spec.sizeKiB))) {
    const ofOthers = kernel.personality === '6.1' ? ({ pages }: Pool) => pages : persistent
    const ofSize: PageSize = { pools: pools.filter((pool) => pool.spec.sizeKiB === size), reserved: 0, ofOthers }
    sizes.set(size, ofSize)
    for (const pool of ofSize.pools) {
      pool.pages = inUse(pool)
      pool.surplus = inUse(pool)
      setPages(ofSize, [pool], String(pool.spec.pages ?? 0))
    }
    const whole = `/sys/kernel/mm/hugepages/hugepages-${size}kB`
    putPools(kernel, whole, ofSize, ofSize.pools)
    kernel.tree.put(`${whole}/nr_overcommit_hugepages`, readOnly('0\n'))
    kernel.tree.put(
      `${whole}/resv_hugepages`,
      readOnly(() => `${ofSize.reserved}\n`),
    )
    for (const pool of ofSize.pools)
      putPools(kernel, `/sys/devices/system/node/node${pool.spec.node}/hugepages/hugepages-${size}kB`, ofSize, [pool])
    if (size === DEFAULT_SIZE_KIB) kernel.tree.put('/proc/sys/vm/nr_hugepages', sysctl(ofSize))
  }
  createMeminfo(kernel, pools)
  return (sizeKiB, pages) => reserve(sizes.get(sizeKiB), pages)
}

/** Memory as a whole and per node: what the pools hold is not free. */
function createMeminfo(kernel: KernelState, pools: readonly Pool[]): void {
  const nodes = [...new Set(pools.map((pool) => pool.spec.node))].sort((left, right) => left - right)
  const ofNode = (node: number) => pools.filter((pool) => pool.spec.node === node)
  const total = (node: number) => KEPT_KIB + Math.max(...ofNode(node).map(({ spec }) => spec.capacity * spec.sizeKiB))
  const freeOf = (node: number) =>
    Math.max(0, total(node) - KEPT_KIB - sum(ofNode(node), ({ pages, spec }) => pages * spec.sizeKiB))
  for (const node of nodes) {
    const line = (name: string, value: number) => `Node ${node} ${name}: ${value} kB\n`
    const text = () => line('MemTotal', total(node)) + line('MemFree', freeOf(node))
    kernel.tree.put(`/sys/devices/system/node/node${node}/meminfo`, readOnly(text))
  }
  const small = pools.filter((pool) => pool.spec.sizeKiB === DEFAULT_SIZE_KIB)
  const over = (count: (node: number) => number) =>
    nodes.reduce((all, node) => all + count(node), nodes.length === 0 ? KEPT_KIB : 0)
  kernel.tree.put(
    '/proc/meminfo',
    readOnly(() =>
      [
        `MemTotal: ${over(total)} kB`,
        `MemFree: ${over(freeOf)} kB`,
        `MemAvailable: ${over(freeOf)} kB`,
        'SwapTotal: 0 kB',
        `HugePages_Total: ${sum(small, (pool) => pool.pages)}`,
        `HugePages_Free: ${sum(small, free)}`,
        `HugePages_Surp: ${sum(small, (pool) => pool.surplus)}`,
        `Hugepagesize: ${DEFAULT_SIZE_KIB} kB`,
        '',
      ].join('\n'),
    ),
  )
}

function putPools(kernel: KernelState, path: string, size: PageSize, pools: readonly Pool[]): void {
  kernel.tree.put(`${path}/nr_hugepages`, pagesAttribute(size, pools))
  kernel.tree.put(
    `${path}/free_hugepages`,
    readOnly(() => `${sum(pools, free)}\n`),
  )
  kernel.tree.put(
    `${path}/surplus_hugepages`,
    readOnly(() => `${sum(pools, (pool) => pool.surplus)}\n`),
  )
}

function pagesAttribute(size: PageSize, pools: readonly Pool[]): AttributeNode {
  return {
    type: 'attribute',
    mode: 0o644,
    show: atOnce(() => `${sum(pools, (pool) => pool.pages)}\n`),
    store: atOnce((text: string) => setPages(size, pools, sysfsWord(text))),
  }
}

/** The sysctl shows what was asked for: surplus pages are no part of it (mm/hugetlb.c, hugetlb_sysctl_handler_common). */
function sysctl(size: PageSize): AttributeNode {
  return { ...pagesAttribute(size, size.pools), show: atOnce(() => `${sum(size.pools, persistent)}\n`) }
}

/**
 * As mm/hugetlb.c, set_max_huge_pages: a number for one node is one for the machine with the other nodes as they are; and
 * whatever was asked for, as many pages stay as are in use and reserved. What stays beyond the number becomes surplus.
 */
function setPages(size: PageSize, allowed: readonly Pool[], word: string): KernelAnswer {
  if (!/^\+?\d+$/.test(word)) return 'EINVAL'
  const others = size.pools.filter((pool) => !allowed.includes(pool))
  const count = Number(word) + sum(others, size.ofOthers)
  const asked = () => sum(size.pools, persistent)
  const each = (isMet: () => boolean, step: (pool: Pool) => boolean) => inTurn(allowed, isMet, step)
  each(
    () => asked() >= count,
    (pool) => pool.surplus > 0 && addTo(pool, 0, -1),
  )
  each(
    () => asked() >= count,
    (pool) => pool.pages < pool.spec.capacity && addTo(pool, 1, 0),
  )
  const least = Math.max(count, size.reserved + sum(size.pools, inUse))
  each(
    () => asked() <= least,
    (pool) => free(pool) > 0 && addTo(pool, -1, 0),
  )
  each(
    () => asked() <= count,
    (pool) => pool.surplus < pool.pages && addTo(pool, 0, 1),
  )
  return 'ok'
}

/** Node by node, one page at a time in turn, until it is met or no node can do more. */
function inTurn(pools: readonly Pool[], isMet: () => boolean, step: (pool: Pool) => boolean): void {
  let isMoving = true
  while (isMoving && !isMet()) {
    isMoving = false
    for (const pool of pools) {
      if (isMet()) return
      isMoving = step(pool) || isMoving
    }
  }
}

function addTo(pool: Pool, pages: number, surplus: number): true {
  pool.pages += pages
  pool.surplus += surplus
  return true
}

/** Ends with the program: unused surplus pages go with the reservation (return_unused_surplus_pages). */
function reserve(size: PageSize | undefined, pages: number): DescriptorHold {
  if (size === undefined || pages > sum(size.pools, free) - size.reserved)
    throw new Error(`ENOMEM: there are no ${pages} free pages of this size`)
  size.reserved += pages
  return {
    release() {
      size.reserved -= pages
      let left = Math.min(
        pages,
        sum(size.pools, (pool) => pool.surplus),
      )
      inTurn(
        size.pools,
        () => left === 0,
        (pool) => {
          const isFreed = pool.surplus > 0 && free(pool) > 0 && addTo(pool, -1, -1)
          if (isFreed) left -= 1
          return isFreed
        },
      )
    },
  }
}

/** Pages that were asked for (persistent_huge_pages). */
function persistent({ pages, surplus }: Pool): number {
  return pages - surplus
}

function free(pool: Pool): number {
  return pool.pages - inUse(pool)
}

function inUse(pool: Pool): number {
  return pool.spec.inUse ?? 0
}

function sum(pools: readonly Pool[], count: (pool: Pool) => number): number {
  return pools.reduce((total, pool) => total + count(pool), 0)
}
