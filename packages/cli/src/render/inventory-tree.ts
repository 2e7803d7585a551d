import { type Inventory, type InventoryDevice, type JudgedGroup, judgeGroups } from '@janus/core'
import type { Drawing } from '../terminal/drawing.js'
import { type Glyphs, glyphsOf } from './glyphs.js'
import { renderGroupVerdict } from './group-verdict.js'
import { hang } from './hang.js'
import { type Fragment, join, lines, NOTHING, text } from './markup.js'
import type { Palette } from './palette.js'
import { type PciNode, pciTree } from './pci-tree.js'

/** Columns by which the second line of a text stands to the right of its first. */
const HANGING = '    '

/** What a tree is drawn with. */
interface Brush {
  readonly palette: Palette
  readonly drawing: Drawing
  readonly glyphs: Glyphs
  readonly devices: ReadonlyMap<string, InventoryDevice>
}

/** The IOMMU groups of a host, each drawn as a part of the PCI tree with what is said about it; displays first. */
export function renderInventoryTree(palette: Palette, inventory: Inventory, drawing: Drawing): Fragment {
  const groups = judgeGroups(inventory)
  const isOfDisplay = ({ functions }: JudgedGroup): boolean => functions.some(({ isDisplay }) => isDisplay)
  const devices = new Map<string, InventoryDevice>(inventory.devices.map((device) => [device.address, device]))
  const brush = { palette, drawing, glyphs: glyphsOf(drawing), devices }
  const heading = text`${palette.title('IOMMU groups')} of ${inventory.host}; IOMMU ${renderIommu(palette, inventory.iommu)}`
  return join(
    [
      hang(heading, { first: '', further: HANGING }, drawing.columns),
      ...section(brush, 'Display controllers', groups.filter(isOfDisplay)),
      ...section(
        brush,
        'Other devices',
        groups.filter((group) => !isOfDisplay(group)),
      ),
      ...renderUngrouped(brush, inventory),
      renderSummary(brush, inventory, groups),
    ].filter((part) => part !== NOTHING),
    '\n\n',
  )
}

/** Whether an IOMMU is in effect, in words. */
export function renderIommu(palette: Palette, iommu: boolean | undefined): Fragment {
  if (iommu === undefined) return palette.notice('cannot be known')
  return iommu ? palette.good('in effect') : palette.bad('not in effect')
}

function section(brush: Brush, title: string, groups: readonly JudgedGroup[]): readonly Fragment[] {
  if (groups.length === 0) return []
  return [brush.palette.title(title), ...groups.map((group) => renderGroup(brush, group))]
}

function renderGroup(brush: Brush, group: JudgedGroup): Fragment {
  const members = group.members.flatMap((address) => brush.devices.get(address) ?? [])
  const heading = text`${brush.palette.title(`Group ${group.id}`)}: ${renderGroupVerdict(brush.palette, group)}`
  return lines(
    hang(heading, { first: '', further: HANGING }, brush.drawing.columns),
    renderNodes(brush, pciTree(members), ''),
  )
}

/** Functions that no IOMMU translates for. */
function renderUngrouped(brush: Brush, { devices, iommu }: Inventory): readonly Fragment[] {
  const functions = devices.filter(({ role, iommuGroup }) => role === 'endpoint' && iommuGroup === undefined)
  if (functions.length === 0) return []
  const { palette, drawing } = brush
  const because =
    iommu === true
      ? 'the IOMMU does not reach them; another slot may do'
      : 'without an IOMMU nothing isolates them; `janus check gpu-iommu` says what is missing'
  const heading = text`${palette.title('In no group')}: ${palette.bad('cannot be given away')}, ${because}`
  return [
    lines(hang(heading, { first: '', further: HANGING }, drawing.columns), renderNodes(brush, pciTree(functions), '')),
  ]
}

function renderNodes(brush: Brush, nodes: readonly PciNode[], prefix: string): readonly Fragment[] {
  const { branch, beside, corner, below } = brush.glyphs
  return nodes.flatMap((node, index) => {
    const isLast = index === nodes.length - 1
    return renderNode(brush, node, {
      first: prefix + (isLast ? corner : branch),
      further: prefix + (isLast ? below : beside),
    })
  })
}

function renderNode(
  brush: Brush,
  node: PciNode,
  { first, further }: { first: string; further: string },
): readonly Fragment[] {
  const { palette, glyphs, drawing } = brush
  const chain = [node]
  // Bridges that only lead on to the next one stand in one line.
  for (let [next] = node.children; isPassage(chain.at(-1), next); [next] = next.children) chain.push(next)
  const last = chain.at(-1) ?? node
  const device = brush.devices.get(last.name)
  const under = last.children.length > 0 ? further + glyphs.beside : further
  const named =
    last.isWanted && device !== undefined
      ? renderFunction(palette, device)
      : palette.faint(
          join(
            chain.map(({ name }) => name),
            glyphs.leadsTo,
          ),
        )
  return [
    hang(named, { first, further: `${under}${HANGING}` }, drawing.columns),
    ...(last.isWanted ? usesOf(device) : []).map((use) =>
      hang(renderUse(palette, use), { first: `${under}  `, further: `${under}  ${HANGING}` }, drawing.columns),
    ),
    ...renderNodes(brush, last.children, further),
  ]
}

function isPassage(above: PciNode | undefined, next: PciNode | undefined): next is PciNode {
  return above?.isWanted === false && above.children.length === 1 && next?.isWanted === false
}

/** What a bridge or a part of the chipset is used for goes without saying. */
function usesOf(device: InventoryDevice | undefined): InventoryDevice['uses'] {
  return device?.role === 'endpoint' ? device.uses : []
}

/** A function, or a bridge of its group: what it is and which driver has it. */
export function renderFunction(palette: Palette, device: InventoryDevice): Fragment {
  const { address, className, vendor, device: id, driver, role, physicalFunction } = device
  if (role !== 'endpoint')
    return text`${address}  ${palette.faint(`${className}, in the group too, stays with the host`)}`
  const on = driver === undefined ? 'no driver' : `on ${driver}`
  const of = physicalFunction === undefined ? '' : `, virtual function of ${physicalFunction}`
  return text`${address}  ${className} [${vendor}:${id}], ${on}${of}`
}

/** One way in which the host uses a device, in a line. */
export function renderUse(palette: Palette, { severity, summary }: InventoryDevice['uses'][number]): Fragment {
  return severity === 'blocking'
    ? text`${palette.bad('in use')}: ${summary}`
    : text`${palette.notice('note')}: ${summary}`
}

function renderSummary({ palette, drawing }: Brush, { devices }: Inventory, groups: readonly JudgedGroup[]): Fragment {
  const free = groups.filter(({ verdict }) => verdict === 'free').map(({ id }) => id)
  const left = devices.filter(({ role }) => role !== 'endpoint').length
  if (devices.every(({ role }) => role !== 'endpoint')) return text`No PCI device can be given away.`
  const sentences = [
    groups.length === 0
      ? NOTHING
      : text`${palette.title('Free groups')}: ${free.length === 0 ? 'none' : free.join(' ')}`,
    free.length === 0
      ? NOTHING
      : text`\`janus bind --group <number>\` shows what taking one would do, and changes nothing.`,
    left === 0
      ? NOTHING
      : palette.faint(
          `${left === 1 ? '1 bridge or chipset function is' : `${left} bridge and chipset functions are`} never given away.`,
        ),
  ]
  return lines(
    sentences
      .filter((sentence) => sentence !== NOTHING)
      .map((sentence) => hang(sentence, { first: '', further: HANGING }, drawing.columns)),
  )
}
