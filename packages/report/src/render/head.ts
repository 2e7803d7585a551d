import type { ReportData } from '../contract/report-data.js'
import { renderDisplays } from './displays.js'
import { html, type Markup, type Piece } from './markup.js'
import { sizeWords } from './words.js'

/** The head of the page: which machine, and what is known of it. */
export function renderHead({ machine }: ReportData): Markup {
  const { description, kernel, processor, memoryKiB, commandLine, seenAt, masked } = machine
  const seen = machine.kind === 'snapshot' ? 'Captured' : 'Looked at'
  return html`<header class="head"><div><p class="eyebrow">Janus host report</p><h1>${description}</h1></div>
<dl class="facts">
${fact('Processor', processor)}${fact('Memory', memoryKiB === undefined ? undefined : sizeWords(memoryKiB))}
${fact('Kernel', kernel === undefined ? undefined : html`<code>${kernel}</code>`)}
${fact(seen, seenAt === undefined ? undefined : html`<time datetime="${seenAt}">${timeWords(seenAt)}</time>`)}
${fact('Identities', masked === undefined ? undefined : masked ? 'masked' : 'as they are')}
${commandLine === undefined || commandLine === '' ? undefined : html`<div class="wide"><dt>Kernel command line</dt><dd><code>${commandLine}</code></dd></div>`}
</dl></header>
`
}

/** The whole in numbers. */
export function renderSummary(data: ReportData): Markup {
  const { check, inventory, outlooks, topology } = data
  const { counts } = check
  const groups = outlooks.filter(({ target }) => target.kind === 'group')
  const of = (wanted: string) => groups.filter(({ verdict }) => verdict === wanted).length
  const threads = topology.threads.filter(({ online }) => online).length
  const bindable =
    groups.length === 0
      ? undefined
      : html`<p>Groups that hold a device for a guest: ${groups.length}. As things are, ${of('bindable')} can be bound and ${of('insist')} only if you insist; refused: ${of('refused')}; on VFIO already: ${of('bound')}.</p>`
  return html`<section id="summary" aria-labelledby="summary-title"><h2 id="summary-title">Summary</h2>
<div class="tiles">${tile('critical', counts.critical, 'in the way')}${tile('warn', counts.warn, 'worth knowing')}${tile('ok', counts.ok, 'fine')}
${tile('', inventory.devices.length, 'PCI functions')}${tile('', inventory.groups.length, 'IOMMU groups')}${tile('', threads, 'CPUs online')}</div>
${bindable}${renderDisplays(data)}</section>
`
}

function fact(term: string, value: Piece): Markup | undefined {
  return value === undefined ? undefined : html`<div><dt>${term}</dt><dd>${value}</dd></div>`
}

function tile(tone: string, count: number, label: string): Markup {
  return html`<div class="tile ${count === 0 ? '' : tone}"><strong>${count}</strong><span>${label}</span></div>`
}

/** `2026-11-21T06:14:50.242Z` for people; anything else as it is. */
function timeWords(seenAt: string): string {
  return seenAt.replace(/^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::[\d.]+)?Z$/, '$1 $2 UTC')
}
