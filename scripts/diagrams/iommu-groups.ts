import type { Inventory, IommuGroup, PciDevice } from '@janus/core'

const COLUMNS = 3
const CELL = { width: 330, gap: 16, head: 26, row: 36, padding: 10 }
const MARGIN = 16
const MOST_LETTERS = 44

/** A group as a box of the picture. */
interface Box {
  readonly title: string
  readonly rows: readonly { readonly title: string; readonly remark: string; readonly kind: string }[]
}

/**
 * Draws the IOMMU groups of a host: what shares a group is in one box, for it is given away as a whole.
 * @param inventory of any host
 * @param title what the picture is called
 * @returns an SVG document that needs nothing else
 */
export function iommuGroupsSvg({ devices, groups }: Pick<Inventory, 'devices' | 'groups'>, title: string): string {
  const boxes = groups.toSorted((a, b) => Number(a.id) - Number(b.id)).map((group) => boxOf(group, devices))
  const columns = inColumns(boxes)
  const height = Math.max(...columns.map((column) => heightOf(column))) + 2 * MARGIN
  const width = columns.length * (CELL.width + CELL.gap) - CELL.gap + 2 * MARGIN
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title" font-family="system-ui, sans-serif" font-size="13">`,
    `<title id="title">${escaped(title)}</title>`,
    '<style>.group{fill:#f8fafc;stroke:#334155;stroke-width:1.5}.endpoint{fill:#dbeafe}.bridge,.host-bridge,.chipset{fill:#e2e8f0}.display{fill:#fde68a}text{fill:#0f172a}.remark{font-size:11px;fill:#334155}.head{font-weight:600}</style>',
    `<rect width="${width}" height="${height}" rx="8" fill="#ffffff"/>`,
    ...columns.flatMap((column, index) => drawColumn(column, MARGIN + index * (CELL.width + CELL.gap))),
    '</svg>',
  ].join('\n')}\n`
}

function boxOf({ id, members }: IommuGroup, devices: readonly PciDevice[]): Box {
  const found = members.flatMap((address) => devices.filter((device) => device.address === address))
  return {
    title: `group ${id}`,
    rows: found.map(({ address, vendor, device, className, driver, role, isDisplay }) => ({
      title: `${address}  ${vendor}:${device}`,
      remark: `${className}, ${driver === undefined ? 'no driver' : `on ${driver}`}`,
      kind: isDisplay ? 'display' : role,
    })),
  }
}

/** Fills the shortest column first, so that they end at about the same height. */
function inColumns(boxes: readonly Box[]): readonly (readonly Box[])[] {
  const columns: Box[][] = Array.from({ length: COLUMNS }, () => [])
  for (const box of boxes) {
    const heights = columns.map((column) => heightOf(column))
    columns[heights.indexOf(Math.min(...heights))]?.push(box)
  }
  return columns
}

function heightOf(boxes: readonly Box[]): number {
  return boxes.reduce((sum, box) => sum + boxHeight(box) + CELL.gap, 0)
}

function boxHeight({ rows }: Box): number {
  return CELL.head + rows.length * CELL.row + CELL.padding
}

function drawColumn(boxes: readonly Box[], x: number): readonly string[] {
  let y = MARGIN
  return boxes.flatMap((box) => {
    const top = y
    y += boxHeight(box) + CELL.gap
    return [
      `<rect class="group" x="${x}" y="${top}" width="${CELL.width}" height="${boxHeight(box)}" rx="6"/>`,
      `<text class="head" x="${x + CELL.padding}" y="${top + 18}">${escaped(box.title)}</text>`,
      ...box.rows.flatMap(({ title, remark, kind }, index) => {
        const line = top + CELL.head + index * CELL.row
        return [
          `<rect class="${kind}" x="${x + CELL.padding}" y="${line}" width="${CELL.width - 2 * CELL.padding}" height="${CELL.row - 4}" rx="3"/>`,
          `<text x="${x + 2 * CELL.padding}" y="${line + 14}">${escaped(shortened(title))}</text>`,
          `<text class="remark" x="${x + 2 * CELL.padding}" y="${line + 27}">${escaped(shortened(remark))}</text>`,
        ]
      }),
    ]
  })
}

function shortened(text: string): string {
  return text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS - 1)}…` : text
}

/** What a device or a driver is called comes from outside. */
function escaped(text: string): string {
  const printable = text.replace(/\p{Cc}/gu, '\ufffd')
  return printable.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
