import type { InventoryDevice, IommuGroup, PciAddress } from '@janus/core'
import type { ReportData } from '../contract/report-data.js'
import { type Devices, functionOf } from './devices.js'
import { html, type Markup } from './markup.js'
import { outlookOfGroup } from './outlook-of.js'
import { table } from './table.js'
import { verdictBadge } from './verdicts.js'
import { counted, idOf } from './words.js'

/** The map of IOMMU groups: the bridges and functions of each, their drivers and users. */
export function renderGroupMap(data: ReportData): Markup {
  const { devices, groups, iommu } = data.inventory
  const alone = devices.filter(({ iommuGroup }) => iommuGroup === undefined)
  const byAddress = new Map(devices.map((device) => [device.address, device]))
  const isForGuests = ({ id }: IommuGroup) => outlookOfGroup(data, id) !== undefined
  const forGuests = groups.filter(isForGuests)
  const ofTheHost = groups.filter((group) => !isForGuests(group))
  return html`<section id="groups" aria-labelledby="groups-title"><h2 id="groups-title">IOMMU groups</h2>
<p class="lead">${iommuSentence(iommu)} A group is given to a guest as a whole or not at all; bridges stay with the host.</p>
${forGuests.length === 0 ? undefined : html`<ul class="groups">${forGuests.map((group) => groupCard(data, group, byAddress))}</ul>`}
${ofTheHost.length === 0 ? undefined : hostGroups(ofTheHost, byAddress)}
${alone.length === 0 ? undefined : html`<div class="card"><h3>In no group <span class="quiet">${counted(alone.length, 'function')}</span></h3>${tree(alone)}</div>`}
${devices.length === 0 ? html`<p>The host shows no PCI devices.</p>` : undefined}</section>
`
}

function iommuSentence(iommu: boolean | undefined): string {
  if (iommu === undefined) return 'The captured host shows nothing of an IOMMU.'
  return iommu ? 'An IOMMU is in effect.' : 'No IOMMU is in effect.'
}

function groupCard(data: ReportData, { id, type, members }: IommuGroup, byAddress: Devices): Markup {
  const devices = members.flatMap((address) => byAddress.get(address) ?? [])
  const outlook = outlookOfGroup(data, id)
  const verdict =
    outlook === undefined ? undefined : html`<a href="#outlook-${idOf(id)}">${verdictBadge(outlook.verdict)}</a>`
  return html`<li class="card"><div class="title"><h3>Group ${id}${type === undefined ? undefined : html` <span class="quiet">${type}</span>`}</h3>${verdict}</div>
${tree(devices)}</li>
`
}

/** Groups of bridges and chipset alone. */
function hostGroups(groups: readonly IommuGroup[], byAddress: Devices): Markup {
  const rows = groups.map(({ id, members }) => [
    `Group ${id}`,
    html`<div class="tree">${members.flatMap((address) => byAddress.get(address) ?? []).map(functionOf)}</div>`,
  ])
  const caption = 'They hold nothing but bridges and parts of the chipset, which are never bound.'
  return html`<div class="card"><h3>Groups of the host <span class="quiet">${groups.length}</span></h3>${table({ caption, columns: ['Group', 'Functions'], rows })}</div>
`
}

/** Functions below the bridge that they are behind, as far as it is among them. */
function tree(devices: readonly InventoryDevice[]): Markup {
  const here = new Set(devices.map(({ address }) => address))
  const below = (bridge: PciAddress | undefined): readonly InventoryDevice[] =>
    devices.filter(({ parent }) => (parent !== undefined && here.has(parent) ? parent : undefined) === bridge)
  const branch = (found: readonly InventoryDevice[]): Markup | undefined =>
    found.length === 0
      ? undefined
      : html`<ul class="tree">${found.map((device) => html`<li>${functionOf(device)}${branch(below(device.address))}</li>`)}</ul>`
  return branch(below(undefined)) ?? html`<p class="quiet">The host shows no function of it.</p>`
}
