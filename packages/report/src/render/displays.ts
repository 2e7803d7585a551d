import type { InventoryDevice } from '@janus/core'
import type { ReportData } from '../contract/report-data.js'
import { deviceCell, driverOf } from './devices.js'
import { html, type Markup, type Piece } from './markup.js'
import { outlookOfDevice, outlookOfGroup } from './outlook-of.js'
import { table } from './table.js'
import { verdictBadge } from './verdicts.js'
import { idOf } from './words.js'

/** What most people open a report for: each display, and whether it could be given away. */
export function renderDisplays(data: ReportData): Markup {
  const displays = data.inventory.devices.filter(({ isDisplay }) => isDisplay)
  if (displays.length === 0) return html`<p>No display controller is among the PCI functions.</p>`
  const rows = displays.map((display) => [deviceCell(display), driverOf(display), ...bindingOf(data, display)])
  const columns = ['Display', 'Driver now', 'IOMMU group', 'Binding']
  return html`<div class="card">${table({ caption: 'Displays, each to be bound with its group', columns, rows, fixed: true })}</div>`
}

function bindingOf(
  data: ReportData,
  { address, iommuGroup }: InventoryDevice,
): readonly [group: Piece, binding: Piece] {
  const outlook = iommuGroup === undefined ? outlookOfDevice(data, address) : outlookOfGroup(data, iommuGroup)
  const place = outlook?.target.kind === 'group' ? `outlook-${idOf(outlook.target.group)}` : 'binding'
  return [
    iommuGroup === undefined ? html`<span class="quiet">none</span>` : `Group ${iommuGroup}`,
    outlook === undefined ? undefined : html`<a href="#${place}">${verdictBadge(outlook.verdict)}</a>`,
  ]
}
