import type { KernelParameter } from '@janus/core'

/** Pages of one size that a kernel command line reserves while the kernel starts. */
export interface BootReservation {
  /** Undefined where the word has no size before it: it counts for the default size. */
  readonly sizeKiB: number | undefined
  /** True where the size was named by `default_hugepagesz=`. */
  readonly byDefaultSize: boolean
  readonly value: string
  readonly pages: number
  /** Pages by node; empty for a number over all nodes. */
  readonly nodes: ReadonlyMap<number, number>
}

const FACTORS: Readonly<Record<string, number>> = { '': 1 / 1024, k: 1, m: 1024, g: 1024 * 1024, t: 1024 ** 3 }
const PER_NODE = /^\d+:\d+(?:,\d+:\d+)*$/

/**
 * What the words `hugepages=` reserve (admin-guide/kernel-parameters.txt): each counts for the size named before it. A size that was
 * named already, and a second number of one, the kernel ignores (mm/hugetlb.c, `hugepagesz_setup`, `hugepages_setup`).
 */
export function bootReservations(parameters: readonly KernelParameter[]): readonly BootReservation[] {
  const found: BootReservation[] = []
  const named = new Set<number | undefined>()
  let size: Pick<BootReservation, 'sizeKiB' | 'byDefaultSize'> = { sizeKiB: undefined, byDefaultSize: false }
  let isIgnored = false
  for (const { name, value = '' } of parameters) {
    const byDefaultSize = isSameParameter(name, 'default_hugepagesz')
    if (byDefaultSize || isSameParameter(name, 'hugepagesz')) {
      size = { sizeKiB: parseSize(value), byDefaultSize }
      isIgnored = !byDefaultSize && named.has(size.sizeKiB)
      if (!byDefaultSize) named.add(size.sizeKiB)
    } else if (isSameParameter(name, 'hugepages') && !isIgnored) {
      const isSecond = found.some((one) => one.sizeKiB === size.sizeKiB)
      if (!isSecond) found.push({ ...size, value, ...counts(value) })
    }
  }
  return found
}

/** The size that `default_hugepagesz=` makes the default, in KiB; undefined without it. Of several the first counts. */
export function defaultSizeOf(parameters: readonly KernelParameter[]): number | undefined {
  return defaultSizesOf(parameters)[0]?.sizeKiB
}

/** A word `default_hugepagesz=`. */
export interface DefaultSize {
  readonly value: string
  /** Undefined for what is no size. */
  readonly sizeKiB: number | undefined
}

/** Every `default_hugepagesz=` of a command line, in order. */
export function defaultSizesOf(parameters: readonly KernelParameter[]): readonly DefaultSize[] {
  const words = parameters.filter(({ name }) => isSameParameter(name, 'default_hugepagesz'))
  return words.map(({ value = '' }) => ({ value, sizeKiB: parseSize(value) }))
}

/** The kernel takes `-` and `_` for the same. */
function isSameParameter(one: string, other: string): boolean {
  return one.replaceAll('-', '_') === other
}

function counts(value: string): Pick<BootReservation, 'pages' | 'nodes'> {
  if (!PER_NODE.test(value)) return { pages: Number(/^\d+/.exec(value)?.[0] ?? 0), nodes: new Map() }
  const pairs = value.split(',').map((pair): [number, number] => {
    const [node, pages] = pair.split(':').map(Number)
    return [node ?? 0, pages ?? 0]
  })
  return { pages: pairs.reduce((sum, [, pages]) => sum + pages, 0), nodes: new Map(pairs) }
}

function parseSize(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,15})([kmgt]?)$/i.exec(text) ?? []
  return digits === undefined ? undefined : Number(digits) * (FACTORS[unit.toLowerCase()] ?? 1)
}
