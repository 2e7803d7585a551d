import type { PciAddress } from '@janus/core'
import type { BindingOutlook } from '@janus/modules-gpu'
import type { ReportData } from '../contract/report-data.js'
import { type Devices, deviceCell, driverOf, usedBy } from './devices.js'
import { evidenceOf, remedyOf } from './evidence.js'
import { html, joined, type Markup } from './markup.js'
import { outlookOfDevice, outlookOfGroup } from './outlook-of.js'
import { insistOf, planCommand, refusalList } from './refusals.js'
import { table } from './table.js'
import { verdictBadge, verdictWord } from './verdicts.js'
import { withoutGroup } from './without-group.js'
import { idOf, sentence } from './words.js'

/** What binding each group, and each device that is in none, would cost. */
export function renderOutlooks(data: ReportData): Markup {
  const { outlooks, inventory } = data
  const devices: Devices = new Map(inventory.devices.map((device) => [device.address, device]))
  const groups = inventory.groups.flatMap(({ id }) => outlookOfGroup(data, id) ?? [])
  const alone = inventory.devices
    .filter(({ iommuGroup }) => iommuGroup === undefined)
    .flatMap(({ address }) => outlookOfDevice(data, address) ?? [])
  const nothing = outlooks.length === 0 ? html`<p>There is no device that could be bound.</p>` : undefined
  return html`<section id="binding" aria-labelledby="binding-title"><h2 id="binding-title">What binding would cost</h2>
<p class="lead">What the plan of <code>gpu-vfio</code> would say with no option given: the reasons to refuse, what undoing would not bring back, and what else is worth knowing. Nothing was bound.</p>
${nothing}${groups.map((outlook) => groupCard(data, outlook, devices))}${withoutGroup(alone, devices)}</section>
`
}

function groupCard(data: ReportData, outlook: BindingOutlook, devices: Devices): Markup {
  const group = outlook.target.kind === 'group' ? outlook.target.group : ''
  const rows = outlook.devices.flatMap(({ address, vfioDriver, isBound }) => {
    const device = devices.get(address)
    if (device === undefined) return []
    const becomes = isBound ? html`<span class="quiet">stays</span>` : html`<code>${vfioDriver}</code>`
    return [[deviceCell(device), driverOf(device), becomes, usedBy(device)]]
  })
  const columns = ['Device', 'Driver now', 'Driver then', 'Used by']
  return html`<article class="card" id="outlook-${idOf(group)}" aria-labelledby="outlook-title-${idOf(group)}">
<div class="title"><h3 id="outlook-title-${idOf(group)}">Group ${group} <span class="quiet">${namesOf(outlook, devices)}</span></h3>${verdictBadge(outlook.verdict)}</div>
${table({ caption: `What is taken with group ${group}`, columns, rows, fixed: true })}
${staying(outlook.others)}${refusalList(outlook.refusals)}${lossList(outlook)}${noticeList(outlook)}${byThemselves(outlook, data)}${planWith(outlook)}</article>
`
}

function planWith(outlook: BindingOutlook): Markup | undefined {
  const command = planCommand(outlook)
  if (command === undefined) return undefined
  const title = outlook.verdict === 'insist' ? 'See the plan, if you insist' : 'See the plan'
  return html`<h4>${title}</h4><p><code class="command">${command}</code></p>`
}

function namesOf(outlook: BindingOutlook, devices: Devices): string {
  const names = outlook.devices.flatMap(({ address }) => devices.get(address)?.className ?? [])
  return [...new Set(names)].join(', ')
}

function staying(others: readonly PciAddress[]): Markup | undefined {
  if (others.length === 0) return undefined
  const names = joined(
    others.map((address) => html`<code class="nowrap">${address}</code>`),
    ', ',
  )
  return html`<p class="quiet">${names} ${others.length === 1 ? 'stays' : 'stay'} in the group with the host.</p>`
}

function lossList({ losses, refusals }: BindingOutlook): Markup | undefined {
  if (losses.length === 0) return undefined
  const items = losses.map(({ id, summary }) => html`<li><p>${summary} <code class="quiet">${id}</code></p></li>`)
  const title =
    refusals.length === 0
      ? 'Undoing does not bring back'
      : 'If it were bound all the same, undoing would not bring back'
  return html`<h4>${title}</h4><ul class="points">${items}</ul>`
}

function noticeList({ notices }: BindingOutlook): Markup | undefined {
  if (notices.length === 0) return undefined
  const items = notices.map(
    ({ summary, remedy, evidence }) =>
      html`<li><p>${sentence(summary)}</p>${remedyOf(remedy)}${evidenceOf(evidence)}</li>`,
  )
  return html`<h4>Worth knowing before</h4><ul class="points">${items}</ul>`
}

/** Of a group with several devices: what speaks against taking one of them, beyond what does against taking all. */
function byThemselves({ devices, refusals, notices }: BindingOutlook, data: ReportData): Markup | undefined {
  if (devices.length < 2) return undefined
  const known = new Set([...refusals, ...notices].map(({ summary }) => summary))
  const items = devices.flatMap(({ address }) => {
    const outlook = outlookOfDevice(data, address)
    return outlook === undefined ? [] : [aloneItem(address, outlook, known)]
  })
  return items.length === 0 ? undefined : html`<h4>One of them alone</h4><ul class="points">${items}</ul>`
}

function aloneItem(
  address: PciAddress,
  { verdict, refusals, notices }: BindingOutlook,
  known: ReadonlySet<string>,
): Markup {
  const more = refusals.filter(({ summary }) => !known.has(summary))
  const same = refusals.length > 0 && more.length === 0 ? ', for a reason above' : ''
  const reasons = more.map((refusal) => html`<p>${sentence(refusal.summary)}</p><p>${insistOf(refusal)}</p>`)
  const remarks = notices
    .filter(({ summary }) => !known.has(summary))
    .map(({ summary }) => html`<p><b class="quiet">Worth knowing</b> ${sentence(summary)}</p>`)
  return html`<li><p><code class="nowrap">${address}</code> alone: ${verdictWord(verdict)}${same}</p>${reasons}${remarks}</li>`
}
