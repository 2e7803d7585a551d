import type { InventoryDevice, PciAddress } from '@janus/core'
import type { BindingOutlook, Refusal } from '@janus/modules-gpu'
import type { ReportData } from '../contract/report-data.js'
import { deviceCell, driverOf, usesOf } from './devices.js'
import { evidenceOf, remedyOf } from './evidence.js'
import { html, joined, type Markup, type Piece } from './markup.js'
import { table } from './table.js'
import { verdictBadge, verdictWord } from './verdicts.js'
import { counted, idOf, sentence } from './words.js'

type Devices = ReadonlyMap<PciAddress, InventoryDevice>

/** What binding each group, and each device that is in none, would cost. */
export function renderOutlooks({ outlooks, inventory }: ReportData): Markup {
  const devices: Devices = new Map(inventory.devices.map((device) => [device.address, device]))
  const groups = inventory.groups.flatMap(({ id }) =>
    outlooks.filter(({ target }) => target.kind === 'group' && target.group === id),
  )
  const single = outlooks.filter(({ target }) => target.kind === 'device')
  const alone = single.filter((outlook) => outlook.devices.every((one) => !isGrouped(devices, one.address)))
  const nothing = outlooks.length === 0 ? html`<p>There is no device that could be bound.</p>` : undefined
  return html`<section id="binding" aria-labelledby="binding-title"><h2 id="binding-title">What binding would cost</h2>
<p class="lead">What the plan of <code>gpu-vfio</code> would say with no option given: the reasons to refuse, what undoing would not bring back, and what else is worth knowing. Nothing was bound.</p>
${nothing}${groups.map((outlook) => groupCard(outlook, single, devices))}${withoutGroup(alone, devices)}</section>
`
}

function isGrouped(devices: Devices, address: PciAddress): boolean {
  return devices.get(address)?.iommuGroup !== undefined
}

function groupCard(outlook: BindingOutlook, single: readonly BindingOutlook[], devices: Devices): Markup {
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
${staying(outlook.others)}${refusalList(outlook.refusals)}${lossList(outlook)}${noticeList(outlook)}${byThemselves(outlook, single)}
<p><code class="command">janus bind --group ${group}</code></p></article>
`
}

function namesOf(outlook: BindingOutlook, devices: Devices): string {
  const names = outlook.devices.flatMap(({ address }) => devices.get(address)?.className ?? [])
  return [...new Set(names)].join(', ')
}

function usedBy(device: InventoryDevice): Markup {
  return usesOf(device) ?? html`<span class="quiet">nobody seen</span>`
}

function staying(others: readonly PciAddress[]): Markup | undefined {
  if (others.length === 0) return undefined
  const names = joined(
    others.map((address) => html`<code class="nowrap">${address}</code>`),
    ', ',
  )
  return html`<p class="quiet">${names} ${others.length === 1 ? 'stays' : 'stay'} in the group with the host.</p>`
}

function refusalList(refusals: readonly Refusal[]): Markup | undefined {
  if (refusals.length === 0) return undefined
  return html`<h4>${counted(refusals.length, 'reason')} to refuse</h4><ul class="points">${refusals.map(refusalItem)}</ul>`
}

function refusalItem({ reason, summary, remedy, option, evidence }: Refusal): Markup {
  const insist =
    option === undefined ? undefined : html`<p><b class="quiet">If you insist</b> <code>${option}</code></p>`
  return html`<li><p>${sentence(summary)} <code class="quiet">${reason}</code></p>${remedyOf(remedy)}${insist}${evidenceOf(evidence)}</li>`
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
function byThemselves({ devices, refusals }: BindingOutlook, single: readonly BindingOutlook[]): Markup | undefined {
  if (devices.length < 2) return undefined
  const known = new Set(refusals.map(({ summary }) => summary))
  const items = devices.flatMap(({ address }) => {
    const outlook = single.find(({ target }) => target.kind === 'device' && target.device === address)
    if (outlook === undefined) return []
    const more = outlook.refusals.filter(({ summary }) => !known.has(summary))
    const reasons = more.map(
      ({ summary, option }) =>
        html`<p>${summary}${option === undefined ? undefined : html` <code class="quiet">${option}</code>`}</p>`,
    )
    return [
      html`<li><p><code class="nowrap">${address}</code> alone: ${verdictWord(outlook.verdict)}</p>${reasons}</li>`,
    ]
  })
  return items.length === 0 ? undefined : html`<h4>One of them alone</h4><ul class="points">${items}</ul>`
}

/** Where there are no groups, what is refused to all is said once. */
function withoutGroup(alone: readonly BindingOutlook[], devices: Devices): Markup | undefined {
  const [first] = alone
  if (first === undefined) return undefined
  const common = first.refusals.filter(
    ({ reason }) =>
      alone.length > 1 && alone.every(({ refusals }) => refusals.some((other) => other.reason === reason)),
  )
  const shared = new Set(common.map(({ reason }) => reason))
  const rows = alone.map((outlook) => aloneRow(outlook, shared, devices))
  const columns = ['Device', 'Driver now', 'Used by', 'In the way, and lost']
  const caption = 'Devices in no IOMMU group, each by itself'
  return html`${commonReasons(common, alone)}<div class="card">${table({ caption, columns, rows, fixed: true })}</div>
`
}

/** Words of the first stand for those of all, which differ by the device alone. What is not shown is no reason. */
function commonReasons(common: readonly Refusal[], alone: readonly BindingOutlook[]): Markup | undefined {
  if (common.length === 0) return undefined
  const unknown = alone.every(({ verdict }) => verdict === 'unknown')
  const items = unknown
    ? html`<li><p>The captured host shows nothing of an IOMMU: whether a device could be bound is not known.</p>${evidenceOf(common.flatMap(({ evidence }) => evidence))}</li>`
    : common.map(refusalItem)
  return html`<div class="card"><div class="title"><h3>The same for all ${alone.length} devices</h3>${verdictBadge(unknown ? 'unknown' : 'refused')}</div><ul class="points">${items}</ul></div>
`
}

function aloneRow(outlook: BindingOutlook, shared: ReadonlySet<string>, devices: Devices): readonly Piece[] {
  const [target] = outlook.devices
  const device = target === undefined ? undefined : devices.get(target.address)
  if (device === undefined) return []
  const reasons = outlook.refusals.filter(({ reason }) => !shared.has(reason))
  const lost = outlook.losses.map(({ summary }) => html`<li><b class="quiet">Lost</b> ${summary}</li>`)
  const own = reasons.map(({ summary, remedy, option }) => {
    const insist =
      option === undefined ? undefined : html` <span class="quiet">If you insist:</span> <code>${option}</code>`
    return html`<li>${sentence(summary)} <span class="quiet">${sentence(remedy)}</span>${insist}</li>`
  })
  const what = own.length + lost.length === 0 ? undefined : html`<ul>${own}${lost}</ul>`
  const verdict = shared.size === 0 ? verdictBadge(outlook.verdict) : undefined
  return [deviceCell(device), driverOf(device), usedBy(device), verdict === undefined ? what : [verdict, what]]
}
