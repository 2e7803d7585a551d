import { readFile } from 'node:fs/promises'
import { runProgram } from '../scripts/run-program.js'

/** A set of CPUs with what is said of it. */
export interface HwlocObject {
  /** Number of the operating system; absent where there is none. */
  readonly id?: number
  readonly cpus: readonly number[]
}

/** A cache as hwloc tells it. */
export interface HwlocCache extends HwlocObject {
  readonly level: number
  readonly type: 'data' | 'instruction' | 'unified'
  readonly sizeKiB: number
}

/** A NUMA node as hwloc tells it. The console output rounds memory to a unit. */
export interface HwlocNode extends HwlocObject {
  readonly memory?: { readonly kibibytes: number; readonly unitKiB: number }
}

/** What hwloc makes of a machine. */
export interface HwlocTopology {
  readonly processors: readonly number[]
  readonly packages: readonly HwlocObject[]
  readonly cores: readonly HwlocObject[]
  readonly caches: readonly HwlocCache[]
  readonly nodes: readonly HwlocNode[]
  /** PCI functions with the nodes of the object that they are attached to. */
  readonly functions: readonly { readonly address: string; readonly nodes: readonly number[] }[]
  /** The distances between these nodes, where it tells them. */
  readonly distances?: { readonly nodes: readonly number[]; readonly rows: readonly (readonly number[])[] }
  /** CPUs of each kind of cores, the least efficient first, where it tells kinds. */
  readonly kinds?: readonly (readonly number[])[]
}

/** Reads an answer that stands beside a captured machine: XML or console output of lstopo. */
export async function readHwlocTopology(file: string): Promise<HwlocTopology> {
  const text = await readFile(file, 'utf8')
  return file.endsWith('.xml') ? fromXml(text) : fromConsole(text)
}

/**
 * Asks the lstopo that is installed about a tree. Nothing is filtered: instruction caches, all of I/O, and what a cgroup of
 * the captured machine disallowed to whoever captured it.
 */
export async function askLstopo(root: string): Promise<HwlocTopology> {
  const filters = ['--whole-io', '--disallowed', '--filter', 'icache:all']
  const { exitCode, stdout, output } = await runProgram(
    'lstopo-no-graphics',
    ['--input', root, '--if', 'fsroot', '--of', 'xml', ...filters],
    { env: { ...process.env, HWLOC_THISSYSTEM: '0' } },
  )
  if (exitCode !== 0) throw new Error(`lstopo cannot read ${root}: ${output}`)
  return fromXml(stdout)
}

interface Element {
  readonly attributes: ReadonlyMap<string, string>
  /** Elements around it, the outermost first. */
  readonly around: readonly Element[]
}

const CACHE_TYPES = ['unified', 'data', 'instruction'] as const

function fromXml(xml: string): HwlocTopology {
  const elements = objectsIn(xml)
  const of = (type: string) => elements.filter(({ attributes }) => attributes.get('type') === type)
  const caches = elements.filter(({ attributes }) => /^L\di?Cache$/.test(attributes.get('type') ?? ''))
  const distances = distancesIn(xml)
  const kinds = [...xml.matchAll(/<cpukind cpuset="([^"]*)"/g)].map(([, mask = '']) => cpusOfMask(mask))
  return {
    processors: of('PU')
      .flatMap(({ attributes }) => numberOf(attributes, 'os_index') ?? [])
      .sort((a, b) => a - b),
    packages: of('Package').map(objectOf),
    cores: of('Core').map(objectOf),
    caches: caches.map((element) => ({
      cpus: objectOf(element).cpus,
      level: numberOf(element.attributes, 'depth') ?? 0,
      type: CACHE_TYPES[numberOf(element.attributes, 'cache_type') ?? 0] ?? 'unified',
      sizeKiB: (numberOf(element.attributes, 'cache_size') ?? 0) / 1024,
    })),
    nodes: of('NUMANode').map((element) => {
      const bytes = numberOf(element.attributes, 'local_memory')
      return {
        ...objectOf(element),
        ...(bytes === undefined ? {} : { memory: { kibibytes: bytes / 1024, unitKiB: 1 } }),
      }
    }),
    functions: elements.flatMap((element) => {
      const address = element.attributes.get('pci_busid')
      const near = element.around.findLast(({ attributes }) => attributes.has('nodeset'))
      return address === undefined ? [] : [{ address, nodes: cpusOfMask(near?.attributes.get('nodeset') ?? '') }]
    }),
    ...(distances === undefined ? {} : { distances }),
    ...(kinds.length < 2 ? {} : { kinds }),
  }
}

function objectsIn(xml: string): readonly Element[] {
  const found: Element[] = []
  const open: Element[] = []
  for (const [tag, attributes = '', end] of xml.matchAll(/<object\s([^>]*?)(\/?)>|<\/object>/g)) {
    if (tag === '</object>') {
      open.pop()
      continue
    }
    const pairs = [...attributes.matchAll(/([a-z_]+)="([^"]*)"/g)].map(
      ([, name = '', value = '']) => [name, value] as const,
    )
    const element = { attributes: new Map(pairs), around: [...open] }
    found.push(element)
    if (end !== '/') open.push(element)
  }
  return found
}

function objectOf({ attributes }: Element): HwlocObject {
  const id = numberOf(attributes, 'os_index')
  return { ...(id === undefined ? {} : { id }), cpus: cpusOfMask(attributes.get('cpuset') ?? '') }
}

function numberOf(attributes: ReadonlyMap<string, string>, name: string): number | undefined {
  const value = attributes.get(name)
  return value === undefined ? undefined : Number(value)
}

/** `0x000000ff,0xffffffff`, and `0x00000011,,0x1` where words are empty. */
function cpusOfMask(mask: string): readonly number[] {
  const words = mask.split(',').map((word) => (word === '' ? 0 : Number(word)))
  return words.reverse().flatMap((word, index) => bitsOf(word).map((bit) => index * 32 + bit))
}

function bitsOf(word: number): readonly number[] {
  return Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => ((word >>> bit) & 1) === 1)
}

function distancesIn(xml: string): HwlocTopology['distances'] {
  const [, body = ''] =
    /<distances2 type="NUMANode"[^>]*name="NUMALatency"[^>]*>([\s\S]*?)<\/distances2>/.exec(xml) ?? []
  const numbers = (tag: string): readonly number[] =>
    [...body.matchAll(new RegExp(`<${tag} length="\\d+">([^<]*)<`, 'g'))]
      .flatMap(([, text = '']) => text.trim().split(/\s+/))
      .map(Number)
  const nodes = numbers('indexes')
  const values = numbers('u64values')
  if (nodes.length === 0) return undefined
  return { nodes, rows: nodes.map((_, row) => values.slice(row * nodes.length, (row + 1) * nodes.length)) }
}

const UNITS: Readonly<Record<string, number>> = { KB: 1, KiB: 1, MiB: 1024, GiB: 1024 * 1024 }

function fromConsole(console: string): HwlocTopology {
  const lines = console.split('\n').flatMap((line) => {
    const [, indent = '', type, text = ''] = /^( *)(\w+?)(?: L#\d+)? \((.*)\)$/s.exec(line) ?? []
    return type === undefined ? [] : [{ depth: indent.length, type, text }]
  })
  const cpusAt = (index: number): readonly number[] => {
    const own = lines[index]
    if (own === undefined) return []
    const after = lines.slice(index + 1)
    const end = after.findIndex(({ depth }) => depth <= own.depth)
    const inside = [own, ...after.slice(0, end < 0 ? after.length : end)].filter(({ type }) => type === 'PU')
    return inside.flatMap(({ text }) => field(text, /P#(\d+)/) ?? []).sort((a, b) => a - b)
  }
  const of = (type: RegExp) =>
    lines.flatMap((line, index) => (type.test(line.type) ? [{ ...line, index, cpus: cpusAt(index) }] : []))
  const objects = (type: RegExp) =>
    of(type).map(({ text, cpus }) => {
      const id = field(text, /P#(\d+)/)
      return { ...(id === undefined ? {} : { id }), cpus }
    })
  const kinds = [...console.matchAll(/^CPU kind #\d+ efficiency \d+ cpuset (\S+)/gm)].map(([, mask = '']) =>
    cpusOfMask(mask),
  )
  return {
    processors: objects(/^PU$/)
      .flatMap(({ cpus }) => cpus)
      .sort((a, b) => a - b),
    packages: objects(/^Package$/),
    cores: objects(/^Core$/),
    caches: of(/^L\d[di]?Cache$/).map(({ type, text, cpus }) => ({
      cpus,
      level: Number(type[1]),
      type: type[2] === 'i' ? 'instruction' : type[2] === 'd' ? 'data' : 'unified',
      sizeKiB: sizeOf(text, 'size')?.kibibytes ?? 0,
    })),
    nodes: of(/^NUMANode$/).map(({ text, depth, index }) => {
      // Memory hangs beside the object that it is near to: inside of the next one outwards.
      const parent = lines.findLastIndex((line, at) => at < index && line.depth < depth)
      const id = field(text, /P#(\d+)/)
      const memory = sizeOf(text, 'local')
      return { ...(id === undefined ? {} : { id }), cpus: cpusAt(parent), ...(memory === undefined ? {} : { memory }) }
    }),
    functions: [],
    ...(kinds.length < 2 ? {} : { kinds }),
  }
}

function field(text: string, pattern: RegExp): number | undefined {
  const digits = pattern.exec(text)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

function sizeOf(text: string, name: string): HwlocNode['memory'] {
  const [, digits, unit = ''] = new RegExp(`\\b${name}=(\\d+)([KMG]i?B)`).exec(text) ?? []
  const unitKiB = UNITS[unit]
  return digits === undefined || unitKiB === undefined ? undefined : { kibibytes: Number(digits) * unitKiB, unitKiB }
}
