import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { createJanus, type Inventory, openHost } from '@janus/core'
import { describe, expect, test } from 'vitest'
import { renderInventoryTree } from '../../src/render/inventory-tree.js'
import { createPalette } from '../../src/render/palette.js'
import type { Drawing } from '../../src/terminal/drawing.js'
import * as reports from '../fixtures/reports.js'

const ADDRESS = /\b[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]\b/g

describe('the machine of the lab', () => {
  test('bridges lead to the functions, and a group says whether it can be taken and why not', async () => {
    const drawn = draw(await captured('lab'), { unicode: true })
    expect(drawn).toContain(
      [
        'Group 3: in use by the host; its 2 functions go together',
        '└─ pci0000:00',
        '   └─ 0000:00:03.0  PCI bridge, in the group too, stays with the host',
        '      ├─ 0000:03:00.0  Display controller [1234:1111], on bochs-drm',
        '      │    in use: it is the only display controller of the host',
        '      │    note: it shows a picture on card0-Virtual-1',
        '      └─ 0000:03:00.1  Audio device [8086:293e], on snd_hda_intel',
      ].join('\n'),
    )
    expect(drawn).toContain(
      [
        'Group 14: free',
        '└─ pci0000:00 › 0000:00:02.1',
        '   └─ 0000:02:00.0  NVMe controller [1b36:0010], on nvme',
      ].join('\n'),
    )
    expect(drawn).toMatch(/^Group 12: stays with the host: 0000:00:1f\.0 in it belongs to the chipset/m)
    expect(drawn).toContain('Free groups: 9 11 13 14 15 16')
  })

  test('every function that can be given away is drawn once, the display first', async () => {
    const inventory = await captured('lab-numa')
    const drawn = draw(inventory, { unicode: true })
    for (const { address, role } of inventory.devices)
      if (role === 'endpoint') expect(drawn.split(`${address}  `), address).toHaveLength(2)
    expect(drawn.indexOf('Display controllers')).toBeLessThan(drawn.indexOf('Other devices'))
    expect(drawn.indexOf('0000:03:00.0  Display')).toBeLessThan(drawn.indexOf('Other devices'))
  })

  test('a root bus of its own is drawn as one', async () => {
    expect(draw(await captured('lab-numa'), { unicode: true })).toMatch(
      /pci0000:a0 › 0000:a0:\S+\n {3}└─ 0000:a1:00\.0/,
    )
  })

  test('without an IOMMU the hierarchy is shown all the same, and what to do about it', async () => {
    const drawn = draw(await captured('lab-without-iommu'), { unicode: true })
    expect(drawn).toContain('IOMMU not in effect')
    expect(drawn).toContain(
      'In no group: cannot be given away, without an IOMMU nothing isolates them; `janus check gpu-iommu`',
    )
    expect(drawn).toMatch(/├─ 0000:00:03\.0\n {3}│ {2}├─ 0000:03:00\.0 {2}Display controller/)
    expect(drawn).not.toContain('Free groups')
    expect(drawn).toContain('in use: it is the only display controller of the host')
  })
})

describe('a terminal', () => {
  test.each([40, 60, 80, 120])('of %i columns cuts no address and no line short', async (columns) => {
    const inventory = await captured('lab')
    const whole = draw(inventory, { unicode: true })
    const wrapped = draw(inventory, { unicode: true, columns })
    expect(wrapped.match(ADDRESS)).toEqual(whole.match(ADDRESS))
    expect(wordsOf(wrapped)).toEqual(wordsOf(whole))
    for (const line of wrapped.split('\n')) expect(line.length, line).toBeLessThanOrEqual(columns)
  })

  test('further lines of a text stand to the right of its first, beside the lines of the tree', async () => {
    expect(draw(await captured('lab'), { unicode: true, columns: 50 })).toContain(
      [
        '      ├─ 0000:03:00.0  Display controller',
        '      │      [1234:1111], on bochs-drm',
        '      │    in use: it is the only display',
        '      │        controller of the host',
      ].join('\n'),
    )
  })

  test('without Unicode gets ASCII, and nothing else', async () => {
    const drawn = draw(await captured('lab'), { unicode: false })
    expect(drawn).toContain('`- pci0000:00 > 0000:00:02.1\n   `- 0000:02:00.0  NVMe controller')
    expect(drawn).toMatch(/^[\n -~]*$/)
  })

  test('with colour says the same in words, also where a coloured text is wrapped', async () => {
    const inventory = await captured('lab')
    const colored = renderInventoryTree(createPalette(true), inventory, { unicode: true, columns: 50 }).printable
    expect(colored).toContain('\u001b[')
    expect(stripVTControlCharacters(colored)).toBe(draw(inventory, { unicode: true, columns: 50 }))
    // The last style that a line sets is the one that ends another: no colour runs into the lines of the tree.
    for (const line of colored.split('\n')) expect(line.split('\u001b').at(-1)).not.toMatch(/^\[(1|2|31|32|33)m/)
  })
})

describe('what a capture leaves out or makes up', () => {
  const [card, audio] = reports.inventory.devices
  if (card === undefined || audio === undefined) throw new Error('the fixture has two devices')

  test('a function whose place is not shown stands for itself', () => {
    expect(draw(reports.inventory, { unicode: true })).toMatch(/^├─ 0000:03:00\.0 {2}VGA.*\n(│ .*\n)+└─ 0000:03:00\.1/m)
  })

  test('nothing in it is obeyed by a terminal', () => {
    const hostile: Inventory = {
      ...reports.inventory,
      host: reports.HOSTILE,
      groups: [{ id: reports.HOSTILE, members: [card.address, audio.address] }],
      devices: [
        { ...card, driver: reports.HOSTILE, className: reports.HOSTILE, location: `/${reports.HOSTILE}` },
        audio,
      ],
    }
    const drawn = draw(hostile, { unicode: true, columns: 60 })
    expect(drawn).toContain('evil')
    expect(drawn).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u)
  })

  test('a bus below a device, as Intel VMD makes one, is a step on the way', () => {
    const location = `/sys/devices/pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0/${card.address}`
    const drawn = draw({ ...reports.inventory, devices: [{ ...card, location }] }, { unicode: true })
    expect(drawn).toContain(`└─ pci0000:00 › 0000:00:0e.0 › pci10000:e0 › 10000:e0:06.0\n   └─ ${card.address}`)
  })

  test('a host without PCI says so', () => {
    const empty = draw({ host: 'this machine', devices: [], groups: [] }, { unicode: true })
    expect(empty).toBe('IOMMU groups of this machine; IOMMU cannot be known\n\nNo PCI device can be given away.')
  })
})

async function captured(name: string): Promise<Inventory> {
  const path = new URL(`../../../../examples/snapshots/${name}.snapshot.json`, import.meta.url)
  const janus = createJanus({ host: await openHost(fileURLToPath(path)), sources: [] })
  try {
    return await janus.inventory()
  } finally {
    await janus.close()
  }
}

function draw(inventory: Inventory, drawing: Drawing): string {
  return renderInventoryTree(createPalette(false), inventory, drawing).printable
}

/** Words without the lines of the tree. */
function wordsOf(drawn: string): readonly string[] {
  return drawn.split(/[\s│├└─]+/).filter((word) => word !== '')
}
