import type { BindingOutlook, Refusal } from '@janus/modules-gpu'
import { type Devices, deviceCell, driverOf, usedBy } from './devices.js'
import { evidenceOf } from './evidence.js'
import { html, type Markup, type Piece } from './markup.js'
import { insistOf, refusalItem } from './refusals.js'
import { table } from './table.js'
import { verdictBadge } from './verdicts.js'
import { sentence } from './words.js'

type Verdict = BindingOutlook['verdict']

/** What was said of all devices at once, and the verdict that comes of it. */
interface Said {
  readonly common: readonly Refusal[]
  readonly verdict: Verdict | undefined
}

/** What binding each device that is in no group would cost. What is refused to all is said once. */
export function withoutGroup(alone: readonly BindingOutlook[], devices: Devices): Markup | undefined {
  if (alone.length === 0) return undefined
  const common = commonReasons(alone)
  const verdict = common.length === 0 ? undefined : commonVerdict(common, alone)
  const rows = alone.map((outlook) => aloneRow(outlook, { common, verdict }, devices))
  const columns = ['Device', 'Driver now', 'Used by', 'In the way, lost, worth knowing']
  const caption = 'Devices in no IOMMU group, each by itself'
  return html`${commonCard(common, verdict, alone.length)}<div class="card">${table({ caption, columns, rows, fixed: true })}</div>
`
}

/** Refusals of the first that every other has too: words of the first stand for those of all, which differ by the device alone. */
function commonReasons([first, ...others]: readonly BindingOutlook[]): readonly Refusal[] {
  if (first === undefined || others.length === 0) return []
  return first.refusals.filter(({ reason }) =>
    others.every(({ refusals }) => refusals.some((other) => other.reason === reason)),
  )
}

/** What is not shown is no reason. */
function commonVerdict(common: readonly Refusal[], alone: readonly BindingOutlook[]): Verdict {
  if (alone.every(({ verdict }) => verdict === 'unknown')) return 'unknown'
  return common.every(({ option }) => option !== undefined) ? 'insist' : 'refused'
}

function commonCard(common: readonly Refusal[], verdict: Verdict | undefined, count: number): Markup | undefined {
  if (verdict === undefined) return undefined
  const items =
    verdict === 'unknown'
      ? html`<li><p>The captured host shows nothing of an IOMMU: whether a device could be bound is not known.</p>${evidenceOf(common.flatMap(({ evidence }) => evidence))}</li>`
      : common.map(refusalItem)
  return html`<div class="card"><div class="title"><h3>The same for all ${count} devices</h3>${verdictBadge(verdict)}</div><ul class="points">${items}</ul></div>
`
}

function aloneRow(outlook: BindingOutlook, { common, verdict }: Said, devices: Devices): readonly Piece[] {
  const [target] = outlook.devices
  const device = target === undefined ? undefined : devices.get(target.address)
  if (device === undefined) return []
  const own = outlook.refusals
    .filter(({ reason }) => !common.some((said) => said.reason === reason))
    .map(
      (refusal) =>
        html`<li>${sentence(refusal.summary)} <span class="quiet">${sentence(refusal.remedy)}</span> ${insistOf(refusal)}</li>`,
    )
  const lost = outlook.losses.map(({ summary }) => html`<li><b class="quiet">Lost</b> ${summary}</li>`)
  const known = outlook.notices.map(
    ({ summary }) => html`<li><b class="quiet">Worth knowing</b> ${sentence(summary)}</li>`,
  )
  const all = [...own, ...lost, ...known]
  const what = all.length === 0 ? undefined : html`<ul>${all}</ul>`
  const badge = outlook.verdict === verdict ? undefined : verdictBadge(outlook.verdict)
  return [deviceCell(device), driverOf(device), usedBy(device), [badge, what]]
}
