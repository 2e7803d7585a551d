import { type Change, type Condition, type Host, janusError, parameterBehind, type Query } from '@janus/core'
import {
  type AskedParameter,
  type CommandLineRequest,
  type ConfiguredLine,
  commandLineChanges,
  readConfiguredCommandLine,
} from '@janus/core/boot'
import { requireBootMemory, requireNoDefaultPages } from './boot-memory.js'
import { requirePlainWords } from './require-plain-words.js'
import { sizeWords } from './size-words.js'
import type { HugepageTarget } from './target.js'

/** The first kernel that takes `hugepages=<node>:<pages>`. */
const NODE_SYNTAX = [5, 18] as const
const PER_NODE = /^\d+:\d+(?:,\d+:\d+)*$/

/**
 * The parameters that reserve gigantic pages while the kernel starts (admin-guide/kernel-parameters.txt, `hugepages`):
 * `hugepages=` counts for the size that `hugepagesz=` named before it.
 * @throws JANUS_HOST_UNFIT for more than the memory, one node on a kernel that cannot be told nodes, words that would come
 * to mean another size, and for what the boot loader's files do not allow
 */
export async function giganticChanges(
  host: Host,
  query: Query,
  target: HugepageTarget,
  defaultSize: boolean,
): Promise<readonly Change[]> {
  const size = sizeWords(target.sizeKiB ?? 0)
  const after = { names: ['hugepagesz', 'default_hugepagesz'], values: spellings(target.sizeKiB ?? 0) }
  const { lines } = await readConfiguredCommandLine(host)
  requirePlainWords(lines, target.sizeKiB ?? 0, defaultSize)
  const value = await countFor(host, target, lines, after)
  if (value !== undefined) {
    if (defaultSize) requireNoDefaultPages(lines, target.sizeKiB ?? 0)
    await requireBootMemory(host, target, value, lines)
  }
  const where = target.node === undefined ? '' : ` on node ${target.node}`
  const why = `reserve ${target.pages} pages of ${size}${where} while the kernel starts`
  const request = requestFor(value, size, after, defaultSize, why)
  const afterBoot = value === undefined ? [] : reservedConditions(value, target.sizeKiB ?? 0)
  return commandLineChanges(host, query, { ...request, afterBoot })
}

function requestFor(
  value: string | undefined,
  size: string,
  after: NonNullable<AskedParameter['after']>,
  defaultSize: boolean,
  why: string,
): CommandLineRequest {
  const parameter = { name: 'hugepages', after }
  if (value === undefined) return { set: [], remove: [parameter, { name: 'hugepagesz', value: size }], why }
  const ofHost = defaultSize ? [{ name: 'default_hugepagesz', value: size }] : []
  return { set: [...ofHost, { ...parameter, value }], why }
}

/** A kernel that finds too little memory in one piece reserves fewer pages and starts all the same: only the pools tell. */
function reservedConditions(value: string, sizeKiB: number): readonly Condition[] {
  const folder = `hugepages/hugepages-${sizeKiB}kB/nr_hugepages`
  if (!PER_NODE.test(value)) return [{ kind: 'equals', path: `/sys/kernel/mm/${folder}`, value }]
  return value.split(',').map((pair) => {
    const [node = '', pages = ''] = pair.split(':')
    return { kind: 'equals', path: `/sys/devices/system/node/node${node}/${folder}`, value: pages }
  })
}

/** The value of `hugepages=`: a number, or numbers per node, of which those of other nodes stay; undefined for none. */
async function countFor(
  host: Host,
  { pages, node }: HugepageTarget,
  lines: readonly ConfiguredLine[],
  after: NonNullable<AskedParameter['after']>,
): Promise<string | undefined> {
  if (node === undefined) return pages === 0 ? undefined : String(pages)
  if (pages > 0) await requireNodeSyntax(host)
  const present = parameterBehind(lines[0]?.parameters ?? [], 'hugepages', after) ?? ''
  const counts = new Map(
    PER_NODE.test(present)
      ? present.split(',').map((pair): [number, number] => {
          const [of = '', count = ''] = pair.split(':')
          return [Number(of), Number(count)]
        })
      : [],
  )
  counts.set(node, pages)
  const wanted = [...counts].filter(([, count]) => count > 0).sort(([one], [other]) => one - other)
  return wanted.length === 0 ? undefined : wanted.map(([of, count]) => `${of}:${count}`).join(',')
}

async function requireNodeSyntax(host: Host): Promise<void> {
  const path = '/proc/sys/kernel/osrelease'
  const release = (await host.readText(path)).value?.trim() ?? ''
  const [, major = '0', minor = '0'] = /^(\d+)\.(\d+)/.exec(release) ?? []
  const [first, second] = NODE_SYNTAX
  if (release === '' || Number(major) > first || (Number(major) === first && Number(minor) >= second)) return
  const message = `Linux ${release} (${path}) cannot be told the node of hugepages on its command line; ${first}.${second} and newer can`
  throw janusError('JANUS_HOST_UNFIT', message, {
    remedy: 'Leave node and near away, so that the pages are spread over all nodes.',
    data: { path, value: release },
  })
}

/** Ways to write the same size that the kernel understands. */
function spellings(sizeKiB: number): readonly string[] {
  const gibi = sizeKiB / (1024 * 1024)
  return [
    ...new Set([
      sizeWords(sizeKiB),
      `${gibi}g`,
      `${sizeKiB / 1024}M`,
      `${sizeKiB / 1024}m`,
      `${sizeKiB}K`,
      `${sizeKiB}k`,
      String(sizeKiB * 1024),
    ]),
  ]
}
