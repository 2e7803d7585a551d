import { type Host, janusError, readMemory } from '@janus/core'
import type { ConfiguredLine } from '@janus/core/boot'
import { type BootReservation, bootReservations, defaultSizeOf } from './boot-reservations.js'
import { readMemoryOf } from './memory.js'
import { spreadOver } from './reservations.js'
import { mebibytes, sizeWords } from './size-words.js'
import type { HugepageTarget } from './target.js'

/** What a kernel, its initramfs and the first services need beside the pages. */
const KEPT_KIB = 1024 * 1024

/**
 * Refuses pages that the next boot could not reserve. The kernel takes whatever memory it is told to while it starts, and
 * with none left for itself it does not come up.
 * @param value of `hugepages=` for the size that is asked for
 * @param lines what is configured for the next boot
 * @throws JANUS_HOST_LACKS_FEATURE for a size that the host has not; JANUS_HOST_UNFIT for such a node, and for more than its
 * memory, with the numbers; JANUS_HOST_UNREADABLE where it shows no hugepages
 */
export async function requireBootMemory(
  host: Host,
  target: HugepageTarget,
  value: string,
  lines: readonly ConfiguredLine[],
): Promise<void> {
  const sizeKiB = target.sizeKiB ?? 0
  await spreadOver(host, target)
  const { hugepageSizeKiB } = await readMemory(host)
  const [wanted] = bootReservations([
    { name: 'hugepagesz', value: sizeWords(sizeKiB) },
    { name: 'hugepages', value },
  ])
  if (wanted === undefined) return
  for (const node of wanted.nodes.keys()) await requireNodeMemory(host, node, wanted, sizeKiB)
  for (const { source, parameters } of lines.length === 0 ? [{ source: '', parameters: [] }] : lines) {
    const defaultKiB = defaultSizeOf(parameters) ?? hugepageSizeKiB ?? 0
    const others = bootReservations(parameters).filter((one) => one.sizeKiB !== sizeKiB)
    const othersKiB = others.reduce((sum, one) => sum + one.pages * (one.sizeKiB ?? defaultKiB), 0)
    await requireWholeMemory(host, wanted.pages * sizeKiB, othersKiB, source)
  }
}

async function requireWholeMemory(host: Host, neededKiB: number, othersKiB: number, source: string): Promise<void> {
  const memory = await readMemoryOf(host)
  if (memory === undefined || neededKiB + othersKiB + KEPT_KIB <= memory.total) return
  const beside = othersKiB === 0 ? '' : ` beside ${mebibytes(othersKiB)} that ${source} reserves already`
  const message = `the pages need ${mebibytes(neededKiB)}${beside}, of ${mebibytes(memory.total)} (${memory.path}) the kernel needs ${mebibytes(KEPT_KIB)} itself: the next boot would fail`
  throw tooMuch(message, { path: memory.path, neededKiB, othersKiB, totalKiB: memory.total })
}

async function requireNodeMemory(host: Host, node: number, { nodes }: BootReservation, sizeKiB: number): Promise<void> {
  const memory = await readMemoryOf(host, node)
  const neededKiB = (nodes.get(node) ?? 0) * sizeKiB
  if (memory === undefined || neededKiB <= memory.total) return
  const message = `the pages on node ${node} need ${mebibytes(neededKiB)}, it has ${mebibytes(memory.total)} (${memory.path})`
  throw tooMuch(message, { path: memory.path, neededKiB, totalKiB: memory.total })
}

function tooMuch(message: string, data: Readonly<Record<string, unknown>>): Error {
  return janusError('JANUS_HOST_UNFIT', message, { remedy: 'Ask for fewer pages.', data })
}

/**
 * Refuses a change of the default size where a `hugepages=` counts for it: as many pages of another size would be reserved.
 * @throws JANUS_HOST_UNFIT naming the word and where it stands
 */
export function requireNoDefaultPages(lines: readonly ConfiguredLine[], sizeKiB: number): void {
  for (const { source, parameters } of lines) {
    if (defaultSizeOf(parameters) === sizeKiB) continue
    const word = bootReservations(parameters).find((one) => one.sizeKiB === undefined || one.byDefaultSize)
    if (word === undefined) continue
    const message = `${source} holds "hugepages=${word.value}" for the default size: with default_hugepagesz=${sizeWords(sizeKiB)} it would be as many pages of ${sizeWords(sizeKiB)}`
    throw janusError('JANUS_HOST_UNFIT', message, {
      remedy: 'Write its size before it, such as hugepagesz=2M, or take it out; or leave defaultSize away.',
      data: { path: source, word: `hugepages=${word.value}` },
    })
  }
}
