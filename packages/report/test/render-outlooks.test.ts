import { fileURLToPath } from 'node:url'
import type { BindingOutlook } from '@janus/modules-gpu'
import { beforeAll, describe, expect, test } from 'vitest'
import { type ReportData, renderReport } from '../src/index.js'
import { LAB, openCaptured, reportOf } from './lab-report.js'
import { cardOf, sectionOf, textOf } from './page-text.js'

const snapshot = (name: string) =>
  fileURLToPath(new URL(`../../../examples/snapshots/${name}.snapshot.json`, import.meta.url))

let lab: ReportData
let numa: ReportData
let withoutIommu: ReportData

beforeAll(async () => {
  lab = await reportOf(LAB)
  numa = await reportOf(snapshot('lab-numa'))
  withoutIommu = await reportOf(snapshot('lab-without-iommu'))
})

describe('the card of a group', () => {
  test('that goes only by insisting says with what, as a person types it, and the whole command', () => {
    const card = textOf(cardOf(renderReport(lab), '3'))
    expect(card).toContain('only if you insist')
    expect(card).toContain('If you insist -o allowUse=only-display')
    expect(card).toContain('See the plan, if you insist\njanus bind --group 3 -o allowUse=only-display')
    expect(card).toContain(
      'If it were bound all the same, undoing would not bring back\nwhat is shown on the display ends',
    )
  })

  test('names an insistence once in its command, however many reasons it is for', () => {
    const card = textOf(cardOf(renderReport(lab), '10'))
    expect(card).toContain('3 reasons to refuse')
    expect(card).toMatch(/^janus bind --group 10 -o allowUse=descriptor$/m)
  })

  test('that can be bound has the command alone', () => {
    const card = textOf(cardOf(renderReport(lab), '13'))
    expect(card).toContain('can be bound')
    expect(card).toMatch(/See the plan\njanus bind --group 13$/)
    expect(card).not.toContain('reason to refuse')
  })

  test('that is refused has no command, and says the same of its device alone', () => {
    const card = textOf(cardOf(renderReport(lab), '12'))
    expect(card).toContain('a part of the chipset')
    expect(card).toContain('0000:00:1f.2 alone: refused, for a reason above')
    expect(card).not.toContain('janus bind')
  })

  test('says what speaks against taking one of its devices alone, and what is worth knowing then', () => {
    const card = textOf(cardOf(renderReport(numa), '3'))
    expect(card).toContain('0000:03:00.0 alone: only if you insist')
    expect(card).toContain('If you insist -o includeSiblings=0000:03:00.1')
    expect(card).toContain(
      'Worth knowing 0000:03:00.0 (Display controller 1234:1111) can only be reset with its whole bus',
    )
  })

  test('tells what is worth knowing of the whole, with the remedy', () => {
    const notice = {
      id: 'reset',
      summary: 'it resets with its bus',
      remedy: 'Take all.',
      evidence: [{ path: '/sys/x' }],
    }
    const card = textOf(cardOf(renderReport(withOutlook(lab, '13', { notices: [notice as never] })), '13'))
    expect(card).toContain('Worth knowing before\nit resets with its bus\nRemedy Take all.\nEvidence: 1 path\n/sys/x')
  })

  test('that is on VFIO already has its drivers stay, and no command', () => {
    const bound = lab.outlooks.find(({ target }) => target.kind === 'group' && target.group === '14')
    const devices = bound?.devices.map((device) => ({ ...device, isBound: true })) ?? []
    const card = textOf(cardOf(renderReport(withOutlook(lab, '14', { verdict: 'bound', devices })), '14'))
    expect(card).toContain('on VFIO already')
    expect(card).toContain('\nstays\n')
    expect(card).not.toContain('janus bind')
  })

  test('has a command that makes a plan, wherever it has one', async () => {
    const janus = await openCaptured(LAB)
    const commands = [...renderReport(lab).matchAll(/<code class="command">([^<]*)<\/code>/g)].map(
      ([, line = '']) => line,
    )
    expect(commands).toHaveLength(8)
    for (const command of commands) {
      const [, group, insisted = ''] = /^janus bind --group (\d+)((?: -o allowUse=[a-z-]+)*)$/.exec(command) ?? []
      const allowUse = [...insisted.matchAll(/=([a-z-]+)/g)].map(([, kind]) => kind)
      expect((await janus.plan('gpu-vfio', { group, allowUse })).changes.length, command).toBeGreaterThan(0)
    }
    await janus.close()
  })
})

describe('devices in no group', () => {
  test('have what is refused to all said once, and their own reasons and losses in their rows', () => {
    const text = textOf(sectionOf(renderReport(withoutIommu), 'binding'))
    const single = withoutIommu.outlooks.length
    expect(text).toContain(`The same for all ${single} devices\nrefused\n`)
    expect(text.split('cannot be isolated: no IOMMU is in effect on this host')).toHaveLength(2)
    expect(text).toContain('only display controller of the host')
    expect(text).toContain('If you insist -o allowUse=only-display')
    expect(text).toContain('Lost what is shown on the display ends')
    expect(text).toContain(
      'Worth knowing 0000:03:00.0 (Display controller 1234:1111) can only be reset with its whole bus',
    )
  })

  test('of a capture that shows nothing of an IOMMU are not called refused', () => {
    const outlooks = withoutIommu.outlooks.map((outlook) => ({ ...outlook, verdict: 'unknown' as const }))
    const text = textOf(sectionOf(renderReport({ ...withoutIommu, outlooks }), 'binding'))
    expect(text).toContain(
      'not shown\nThe captured host shows nothing of an IOMMU: whether a device could be bound is not known.',
    )
    expect(text).not.toContain('refused')
  })

  test('that have nothing in common have a verdict each', () => {
    const outlooks = withoutIommu.outlooks.map((outlook, index) =>
      index === 0 ? { ...outlook, verdict: 'bound' as const, refusals: [] } : outlook,
    )
    const text = textOf(sectionOf(renderReport({ ...withoutIommu, outlooks }), 'binding'))
    expect(text).not.toContain('The same for all')
    expect(text.split('\n').filter((line) => line.startsWith('refused'))).toHaveLength(outlooks.length - 1)
    expect(text).toContain('on VFIO already')
  })

  test('that could all be insisted on are not called refused, and one that stands apart says so', () => {
    const [refusal] = lab.outlooks.flatMap(({ refusals }) => refusals.filter(({ insist }) => insist !== undefined))
    if (refusal === undefined) throw new Error('the lab refuses something that can be insisted on')
    const final = { ...refusal, reason: 'deny-listed', summary: 'never this one' }
    const { insist: _, option: __, ...more } = final
    const outlooks = withoutIommu.outlooks.map((outlook, index) =>
      index === 0
        ? { ...outlook, verdict: 'refused' as const, refusals: [refusal, more] }
        : { ...outlook, verdict: 'insist' as const, refusals: [refusal] },
    )
    const text = textOf(sectionOf(renderReport({ ...withoutIommu, outlooks }), 'binding'))
    expect(text).toContain(`The same for all ${outlooks.length} devices\nonly if you insist`)
    expect(text).toMatch(/\nrefused\s*never this one/)
    expect(text.split(/\bonly if you insist\b/)).toHaveLength(2)
  })
})

describe('the displays of the summary', () => {
  test('lead to the card of their group, with its verdict', () => {
    const summary = sectionOf(renderReport(lab), 'summary')
    expect(summary).toContain('<a href="#outlook-3"><span class="badge warn">only if you insist</span></a>')
    expect(textOf(summary)).toContain(
      '0000:03:00.0\nDisplay controller 1234:1111\nbochs-drm\nGroup 3\nonly if you insist',
    )
  })

  test('in no group lead to what binding would cost', () => {
    const summary = sectionOf(renderReport(withoutIommu), 'summary')
    expect(summary).toContain('<a href="#binding"><span class="badge critical">refused</span></a>')
  })

  test('are said to be absent where there are none', () => {
    const inventory = {
      ...lab.inventory,
      devices: lab.inventory.devices.map((device) => ({ ...device, isDisplay: false })),
    }
    expect(textOf(sectionOf(renderReport({ ...lab, inventory }), 'summary'))).toContain('No display controller')
  })
})

/** The same report, with the outlook of a group changed. */
function withOutlook(data: ReportData, group: string, change: Partial<BindingOutlook>): ReportData {
  const outlooks = data.outlooks.map((outlook) =>
    outlook.target.kind === 'group' && outlook.target.group === group ? { ...outlook, ...change } : outlook,
  )
  return { ...data, outlooks }
}
