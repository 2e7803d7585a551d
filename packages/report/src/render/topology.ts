import type { CpuCore, Topology } from '@janus/core'
import type { ReportData } from '../contract/report-data.js'
import { evidenceOf } from './evidence.js'
import { html, type Markup, type Piece } from './markup.js'
import { table } from './table.js'
import { counted, cpuWords, sizeWords } from './words.js'

/** How the style draws the frame of a core. */
const FRAMES = { performance: 'solid', medium: 'double', efficiency: 'dashed' } as const

/** Packages, memory nodes, cores and threads, caches, and which devices are near to what. */
export function renderTopology({ topology }: ReportData): Markup {
  const { cores, packages, nodes, threads, smtControl } = topology
  const offline = threads.filter(({ online }) => !online).map(({ cpu }) => cpu)
  const facts = [
    counted(packages.length, 'package'),
    counted(nodes.length, 'memory node'),
    counted(cores.length, 'core'),
    counted(threads.length - offline.length, 'thread'),
  ].join(', ')
  const smt = smtControl === undefined ? undefined : html` SMT: <code>${smtControl}</code>.`
  const off = offline.length === 0 ? undefined : html` Offline: <code>${cpuWords(offline)}</code>.`
  return html`<section id="topology" aria-labelledby="topology-title"><h2 id="topology-title">Processors and memory</h2>
<p class="lead">${facts}.${smt}${off} Each frame is a core, the numbers in it are its CPUs.${kindsLegend(topology)}</p>
${problems(topology)}<div class="packages">${packages.map(({ id }) => packageCard(topology, id))}</div>
${nodeTable(topology)}${distances(topology)}${cacheTable(topology)}</section>
`
}

function kindsLegend({ kinds }: Topology): Piece {
  if (kinds.length < 2) return undefined
  const names = kinds.map(({ name, cpus }) => `${name}: CPUs ${cpuWords(cpus)}`).join('; ')
  const frames = kinds.flatMap(({ name }) => (name === 'uniform' ? [] : `${name} cores ${FRAMES[name]}`)).join(', ')
  return ` ${names}. Frames: ${frames}.`
}

function problems({ problems: found }: Topology): Markup | undefined {
  if (found.length === 0) return undefined
  const items = found.map(({ summary, evidence }) => html`<li><p>${summary}</p>${evidenceOf(evidence)}</li>`)
  return html`<div class="card warn"><h3>What cannot be in the tables of this machine</h3><ul class="points">${items}</ul></div>
`
}

function packageCard(topology: Topology, id: number): Markup {
  const cores = topology.cores.filter((core) => core.package === id)
  // Whatever is compared, a list is sorted with what is undefined last.
  const places = [...new Set(cores.map(({ node }) => node))].sort((left = 0, right = 0) => left - right)
  return html`<div class="card"><h3>Package ${id} <span class="quiet">${counted(cores.length, 'core')}</span></h3>
<div class="nodes">${places.map((node) =>
    nodeBox(
      topology,
      node,
      cores.filter((core) => core.node === node),
    ),
  )}</div></div>
`
}

function nodeBox({ nodes, kinds }: Topology, id: number | undefined, cores: readonly CpuCore[]): Markup {
  const memory = nodes.find((node) => node.id === id)?.memoryKiB
  const size = memory === undefined ? undefined : html` · ${sizeWords(memory)}`
  const nowhere = nodes.length === 0 ? 'Memory nodes are not shown' : 'In no memory node'
  const title = id === undefined ? nowhere : html`Memory node ${id}${size}`
  const drawn = cores.map(
    (core) =>
      html`<li class="core ${kinds[core.kind]?.name ?? 'uniform'}">${core.cpus.map((cpu) => html`<span>${cpu}</span>`)}</li>`,
  )
  return html`<div class="node"><h4>${title}</h4><ul class="cores">${drawn}</ul></div>`
}

function nodeTable({ nodes, devices }: Topology): Markup | undefined {
  if (nodes.length === 0) return undefined
  const rows = nodes.map(({ id, cpus, memoryKiB }) => {
    const near = devices.filter(({ node }) => node === id)
    return [
      `Node ${id}`,
      html`<code>${cpuWords(cpus)}</code>`,
      memoryKiB === undefined ? html`<span class="quiet">not shown</span>` : sizeWords(memoryKiB),
      addresses(near.map(({ address }) => address)),
    ]
  })
  const far = devices.filter(({ node }) => node === undefined).map(({ address }) => address)
  const lost = far.length === 0 ? [] : [['Not known', undefined, undefined, addresses(far)]]
  const columns = ['Memory node', 'CPUs', 'Memory', 'PCI functions near it']
  return html`<div class="card">${table({ caption: 'Memory nodes, and the PCI functions near each', columns, rows: [...rows, ...lost] })}</div>
`
}

function addresses(list: readonly string[]): Piece {
  if (list.length === 0) return html`<span class="quiet">none</span>`
  const names = list.map((address) => html`<code class="nowrap">${address}</code> `)
  if (list.length <= 8) return names
  return html`<details><summary>${counted(list.length, 'function')}</summary>${names}</details>`
}

function distances({ nodes }: Topology): Markup | undefined {
  if (nodes.length < 2 || nodes.every((node) => node.distances === undefined)) return undefined
  const heads = nodes.map(({ id }) => html`<th scope="col">to ${id}</th>`)
  const rows = nodes.map(
    (node) =>
      html`<tr><th scope="row">from ${node.id}</th>${nodes.map((_, index) => html`<td>${node.distances?.[index]}</td>`)}</tr>`,
  )
  return html`<div class="card"><div class="scroll" role="region" aria-labelledby="distances" tabindex="0"><table>
<caption id="distances">Distances between memory nodes, as the firmware has them</caption>
<thead><tr><th scope="col">Node</th>${heads}</tr></thead><tbody>${rows}</tbody></table></div></div>
`
}

function cacheTable({ caches }: Topology): Markup | undefined {
  const kinds = new Map<string, { readonly name: string; readonly size: string; readonly shared: string[] }>()
  for (const { level, type, sizeKiB, cpus } of caches) {
    const name = `L${level} ${type}`
    const size = sizeKiB === undefined ? 'not shown' : sizeWords(sizeKiB)
    const kind = kinds.get(`${name} ${size}`) ?? { name, size, shared: [] }
    kind.shared.push(cpuWords(cpus))
    kinds.set(`${name} ${size}`, kind)
  }
  if (kinds.size === 0) return undefined
  const rows = [...kinds.values()].map(({ name, size, shared }) => [
    name,
    size,
    String(shared.length),
    sharedBy(shared),
  ])
  const columns = ['Cache', 'Size', 'How many', 'Each shared by CPUs']
  return html`<div class="card">${table({ caption: 'Caches', columns, rows })}</div>
`
}

function sharedBy(shared: readonly string[]): Piece {
  const lists = shared.map((cpus) => html`<code class="nowrap">${cpus}</code> `)
  return shared.length <= 8 ? lists : html`<details><summary>${shared.length} caches</summary>${lists}</details>`
}
