import type { Inventory, InventoryDevice } from '@janus/core'
import { renderIommu } from './inventory-tree.js'
import { type Fragment, join, NOTHING, type Piece, text } from './markup.js'
import type { Palette } from './palette.js'
import { renderTable } from './table.js'

const TITLES = ['ADDRESS', 'GROUP', 'ID', 'CLASS', 'DRIVER', 'USED BY']

/** A line for each device that can be bound: display controllers first; bridges and the like are only counted. */
export function renderInventoryTable(palette: Palette, inventory: Inventory): Fragment {
  const endpoints = inventory.devices.filter(({ role }) => role === 'endpoint')
  const displays = endpoints.filter(({ isDisplay }) => isDisplay)
  const others = endpoints.filter(({ isDisplay }) => !isDisplay)
  const left = inventory.devices.length - endpoints.length
  return join(
    [
      text`${palette.title('PCI devices')} of ${inventory.host}; IOMMU ${renderIommu(palette, inventory.iommu)}`,
      section(palette, 'Display controllers', displays),
      section(palette, 'Other devices', others),
      left === 0
        ? NOTHING
        : palette.faint(
            `Not shown: ${left === 1 ? '1 bridge or chipset function, which is' : `${left} bridge and chipset functions, which are`} never bound.`,
          ),
    ].filter((part) => part !== NOTHING),
    '\n\n',
  )
}

function section(palette: Palette, title: string, devices: readonly InventoryDevice[]): Fragment {
  if (devices.length === 0) return text`${palette.title(title)}: none`
  return join(
    [
      palette.title(title),
      renderTable(
        palette,
        TITLES,
        devices.map((device) => row(palette, device)),
      ),
    ],
    '\n',
  )
}

function row(palette: Palette, device: InventoryDevice): readonly Piece[] {
  const uses = device.uses.map(({ severity, summary }) =>
    severity === 'blocking' ? palette.bad(summary) : text`${summary}`,
  )
  return [
    device.address,
    device.iommuGroup ?? '-',
    `${device.vendor}:${device.device}`,
    device.className,
    device.driver ?? '-',
    uses.length === 0 ? '-' : join(uses, '; '),
  ]
}
