import { type AttributeNode, atOnce, type KernelAnswer } from '../file-tree/tree-node.js'
import { readOnly } from './attribute-nodes.js'
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

/**
 * Makes the hugepage attributes, per node and for the whole machine. Asking for more than there is memory for is
 * granted in part, and answered with ok (admin-guide/mm/hugetlbpage.rst).
 */
export function createHugepages(kernel: KernelState, specs: readonly HugepagePoolSpec[]): void {
  const pools = specs.map((spec): Pool => ({ spec, pages: 0, surplus: 0 }))
  for (const pool of pools) resize(pool, pool.spec.pages ?? 0)
  for (const size of new Set(specs.map((spec) => spec.sizeKiB))) {
    const ofSize = pools.filter((pool) => pool.spec.sizeKiB === size)
    const whole = `/sys/kernel/mm/hugepages/hugepages-${size}kB`
    putPools(kernel, whole, ofSize)
    kernel.tree.put(`${whole}/nr_overcommit_hugepages`, readOnly('0\n'))
    kernel.tree.put(`${whole}/resv_hugepages`, readOnly('0\n'))
    for (const pool of ofSize)
      putPools(kernel, `/sys/devices/system/node/node${pool.spec.node}/hugepages/hugepages-${size}kB`, [pool])
    if (size === DEFAULT_SIZE_KIB) kernel.tree.put('/proc/sys/vm/nr_hugepages', pagesAttribute(ofSize))
  }
  createMeminfo(kernel, pools)
}

/** Memory as a whole and per node: what the pools hold is not free. */
function createMeminfo(kernel: KernelState, pools: readonly Pool[]): void {
  const nodes = [...new Set(pools.map((pool) => pool.spec.node))].sort((left, right) => left - right)
  const ofNode = (node: number) => pools.filter((pool) => pool.spec.node === node)
  const total = (node: number) => KEPT_KIB + Math.max(...ofNode(node).map(({ spec }) => spec.capacity * spec.sizeKiB))
  const free = (node: number) =>
    Math.max(0, total(node) - KEPT_KIB - sum(ofNode(node), ({ pages, spec }) => pages * spec.sizeKiB))
  for (const node of nodes) {
    const line = (name: string, value: number) => `Node ${node} ${name}: ${value} kB\n`
    const text = () => line('MemTotal', total(node)) + line('MemFree', free(node))
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
        `MemFree: ${over(free)} kB`,
        `MemAvailable: ${over(free)} kB`,
        'SwapTotal: 0 kB',
        `HugePages_Total: ${sum(small, (pool) => pool.pages)}`,
        `HugePages_Free: ${sum(small, (pool) => pool.pages - inUse(pool))}`,
        `HugePages_Surp: ${sum(small, (pool) => pool.surplus)}`,
        `Hugepagesize: ${DEFAULT_SIZE_KIB} kB`,
        '',
      ].join('\n'),
    ),
  )
}

function putPools(kernel: KernelState, path: string, pools: readonly Pool[]): void {
  kernel.tree.put(`${path}/nr_hugepages`, pagesAttribute(pools))
  kernel.tree.put(
    `${path}/free_hugepages`,
    readOnly(() => `${sum(pools, (pool) => pool.pages - inUse(pool))}\n`),
  )
  kernel.tree.put(
    `${path}/surplus_hugepages`,
    readOnly(() => `${sum(pools, (pool) => pool.surplus)}\n`),
  )
}

function pagesAttribute(pools: readonly Pool[]): AttributeNode {
  return {
    type: 'attribute',
    mode: 0o644,
    show: atOnce(() => `${sum(pools, (pool) => pool.pages)}\n`),
    store: atOnce((text: string) => setPages(pools, sysfsWord(text))),
  }
}

function setPages(pools: readonly Pool[], word: string): KernelAnswer {
  if (!/^\+?\d+$/.test(word)) return 'EINVAL'
  const wanted = Number(word)
  const single = pools.length === 1 ? pools[0] : undefined
  if (single !== undefined) resize(single, wanted)
  else spread(pools, wanted)
  return 'ok'
}

/** Node by node, one page at a time in turn, as the kernel does for the machine-wide knob. */
function spread(pools: readonly Pool[], wanted: number): void {
  const shares = pools.map(() => 0)
  let left = wanted
  while (left > 0) {
    const open = pools.filter((pool, index) => (shares[index] ?? 0) < pool.spec.capacity)
    if (open.length === 0) break
    const each = Math.max(1, Math.floor(left / open.length))
    for (const pool of open) {
      const index = pools.indexOf(pool)
      const share = Math.min(each, pool.spec.capacity - (shares[index] ?? 0), left)
      shares[index] = (shares[index] ?? 0) + share
      left -= share
    }
  }
  for (const [index, pool] of pools.entries()) resize(pool, shares[index] ?? 0)
}

function resize(pool: Pool, wanted: number): void {
  const granted = Math.min(wanted, pool.spec.capacity)
  pool.pages = Math.max(granted, inUse(pool))
  pool.surplus = pool.pages - granted
}

function inUse(pool: Pool): number {
  return pool.spec.inUse ?? 0
}

function sum(pools: readonly Pool[], count: (pool: Pool) => number): number {
  return pools.reduce((total, pool) => total + count(pool), 0)
}
