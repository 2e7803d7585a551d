import { type CpuCore, formatCpuList, type Topology } from '@janus/core'
import { coresIn, drawingTree, type Part } from './drawing-tree.js'
import type { PinningProposal } from './pinning.js'
import { cpuWords, memoryWords } from './words.js'

const WIDTH = 96
/** A machine of up to so many cores is drawn whole. */
const SMALL = 64

const LEGEND = [
  ['*', 'vCPU'],
  ['-', 'idle'],
  ['e', 'emulator'],
  ['i', 'I/O'],
  ['h', 'kept for the host'],
] as const

/**
 * Draws packages, nodes, last-level caches, cores in brackets and their threads, those of a proposal marked. Of parts that
 * are alike, and of which nothing is chosen, big machines show the first only. At most 96 columns.
 */
export function drawTopology(topology: Topology, proposal?: PinningProposal): string {
  const marks = marksOf(proposal)
  const isMarked = (part: Part): boolean =>
    coresIn(part).some(({ cpus }) => cpus.some((cpu) => marks.has(cpu))) ||
    (proposal?.device?.node !== undefined && coresIn(part).some(({ node }) => node === proposal.device?.node))
  const draw = (parts: readonly Part[], depth: number): readonly string[] =>
    runs(parts, isMarked, topology.cores.length > SMALL).flatMap(([first, ...others]) => {
      const lines = drawPart(first, depth)
      return others.length === 0 ? lines : [...lines, ...wrapped(likeIt(others), depth)]
    })
  const drawPart = (part: Part, depth: number): readonly string[] => {
    const near = deviceAt(part, proposal)
    return [
      `${'  '.repeat(depth)}${part.heading}${near}`,
      ...drawCores(topology, part.cores, marks, depth + 1),
      ...draw(part.parts, depth + 1),
    ]
  }
  const offline = topology.threads.flatMap(({ cpu, online }) => (online ? [] : [cpu]))
  return [
    ...draw(drawingTree(topology), 0),
    ...topology.nodes
      .filter(({ cpus }) => cpus.length === 0)
      .map(({ id, memoryKiB }) => `node ${id}${memoryKiB === undefined ? '' : `, ${memoryWords(memoryKiB)}`}, no CPUs`),
    ...(offline.length === 0 ? [] : wrapped(`offline: ${cpuWords(formatCpuList(offline))}`, 0)),
    ...(proposal === undefined ? [] : ['', legend(marks)]),
  ].join('\n')
}

function marksOf(proposal: PinningProposal | undefined): ReadonlyMap<number, string> {
  if (proposal === undefined) return new Map()
  const { reserved, io, emulator, idle, vcpus } = proposal
  const marked = (cpus: readonly number[], mark: string) => cpus.map((cpu) => [cpu, mark] as const)
  return new Map([
    ...marked(reserved, 'h'),
    ...marked(io, 'i'),
    ...marked(emulator, 'e'),
    ...marked(idle, '-'),
    ...vcpus.map(({ cpu }) => [cpu, '*'] as const),
  ])
}

function legend(marks: ReadonlyMap<number, string>): string {
  const used = new Set(marks.values())
  return LEGEND.flatMap(([mark, words]) => (used.has(mark) ? [`${mark} ${words}`] : [])).join(', ')
}

/** Parts that follow each other and look the same, together; a marked part stands alone. */
function runs(
  parts: readonly Part[],
  isMarked: (part: Part) => boolean,
  collapses: boolean,
): readonly (readonly [Part, ...Part[]])[] {
  const found: [Part, ...Part[]][] = []
  for (const part of parts) {
    const run = found.at(-1)
    const isLike = collapses && run?.[0].shape === part.shape && !isMarked(part) && !isMarked(run[0])
    if (run !== undefined && isLike) run.push(part)
    else found.push([part])
  }
  return found
}

function likeIt(parts: readonly Part[]): string {
  const cpus = cpuWords(formatCpuList(parts.flatMap(coresIn).flatMap((core) => core.cpus)))
  const numbers = parts.flatMap(({ name }) => /^[a-z]+ (\d+)$/.exec(name)?.[1] ?? []).map(Number)
  if (numbers.length < parts.length) return `… and ${parts.length} more like it: ${cpus}`
  const word = parts[0]?.name.split(' ')[0] ?? ''
  return `… and like it ${word}${parts.length === 1 ? '' : 's'} ${formatCpuList(numbers)}: ${cpus}`
}

function deviceAt(part: Part, proposal: PinningProposal | undefined): string {
  const device = proposal?.device
  const isThere = device?.node !== undefined && part.name === `node ${device.node}`
  return isThere ? `   <- ${device.address}` : ''
}

function drawCores(
  { kinds }: Topology,
  cores: readonly CpuCore[],
  marks: ReadonlyMap<number, string>,
  depth: number,
): readonly string[] {
  if (kinds.length === 1) return wrapped(cores.map((core) => drawCore(core, marks)).join(' '), depth)
  return kinds.flatMap(({ name }, kind) => {
    const own = cores.filter((core) => core.kind === kind)
    return own.length === 0 ? [] : wrapped(`${name}: ${own.map((core) => drawCore(core, marks)).join(' ')}`, depth)
  })
}

/** A core in brackets, which are kept on one line: a blank within is put in afterwards. */
function drawCore({ cpus }: CpuCore, marks: ReadonlyMap<number, string>): string {
  return `[${cpus.map((cpu) => `${cpu}${marks.get(cpu) ?? ''}`).join(GLUE)}]`
}

const GLUE = '\u00a0'

/** Breaks at blanks, and after the commas of a word that is too long for half a line. */
function wrapped(text: string, depth: number): readonly string[] {
  const indent = '  '.repeat(depth)
  const lines: string[] = []
  let line = ''
  for (const { piece, before } of text.split(' ').flatMap(pieces)) {
    const next = line === '' ? piece : `${line}${before}${piece}`
    if (line !== '' && indent.length + next.length > WIDTH) {
      lines.push(line)
      line = piece
    } else line = next
  }
  if (line !== '') lines.push(line)
  return lines.map((one) => `${indent}${one.replaceAll(GLUE, ' ')}`)
}

function pieces(word: string): readonly { readonly piece: string; readonly before: string }[] {
  const parts = word.length > WIDTH / 2 ? word.split(/(?<=,)/) : [word]
  return parts.map((piece, index) => ({ piece, before: index === 0 ? ' ' : '' }))
}
